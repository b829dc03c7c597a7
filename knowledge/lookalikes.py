"""Letters that pass for others: what an attacker writes so that only a reader sees the word. Pure."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

# Letters of other scripts that pass for Latin ones, of Unicode's list of confusable characters (UTS 39) those that are
# one small or one capital letter: Cyrillic, Greek, Armenian, Cherokee.
_SCRIPTS = (
    ("аеосрхуіјѕԁɡһӏкмтвԛԝѵѡґьԍнꭇ", "aeocpxyijsdghlkmtbqwvwrbghr"),
    ("АЕОСРХУІЈЅКМТНВԚԜѴԌ", "AEOCPXYIJSKMTHBQWVG"),
    ("αοενρτυικγηωχσβɩϲϳςΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aoevptuikynwxobicjcABEZHIKMNOPTYX"),
    ("աոսհօցզյքօեՏՕԼՍԱ", "wnuhogqjpoeSOLUU"),
    ("ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎩᏃꮋᏂᏐꭱꭲꮃꮪꮢꮩꮓꭺꮯꭰꭼꭻꮶꮮꮇꮲ", "ABCDEGHiJKLMPRSTVWYZhhhrtwsrvzacdejklmp"),
)
_LATIN = str.maketrans("".join(one for one, _ in _SCRIPTS), "".join(other for _, other in _SCRIPTS))
_CYRILLIC = str.maketrans("aeocpxyijskmtbhAEOCPXYKMTHB", "аеосрхуіјѕкмтвнАЕОСРХУКМТНВ")
_WORD, _LATIN_LETTER, _CYRILLIC_LETTER = re.compile(r"\w+"), re.compile("[a-zA-Z]"), re.compile("[а-яёА-ЯЁ]")
# By their names: ɪ is LATIN LETTER SMALL CAPITAL I, 🅘 NEGATIVE CIRCLED LATIN CAPITAL LETTER I, ǝ a TURNED E.
_NAMED = re.compile(
    r"(?:LATIN (?:CAPITAL |SMALL )?LETTER|REGIONAL INDICATOR SYMBOL LETTER|NEGATIVE (?:CIRCLED|SQUARED) LATIN CAPITAL "
    r"LETTER)(?: (?:SMALL CAPITAL|REVERSED|TURNED|SCRIPT|OPEN|DOTLESS|INSULAR|BARRED|LONG|SIDEWAYS))* ([A-Z])"
    r"(?: WITH [A-Z ]+)?"
)
_LETTERS_OF_NAMES = {"ALPHA": "a", "ESH": "s", "IOTA": "i", "UPSILON": "u", "ETH": "d", "THORN": "p"}
_TAGS = range(0xE0020, 0xE007F)
_OF_DIGITS = ("01345678@$!|€+", ("oieasgtbasiiet", "oleasgtbasllet"))
_DIGITS = tuple(str.maketrans(_OF_DIGITS[0], letters) for letters in _OF_DIGITS[1])
# Words that become known ones, from which on others are taken for words too; "1st" and "5g" are none.
MEANT = 2
SHORTEST_KNOWN = 3
_LEET = re.compile(r"(?<![\w@$!|€+])(?=[\w@$!|€+]*[^\W\d_])(?=[\w@$!|€+]*[\d@$!|€+])[\w@$!|€+]{2,24}(?![\w@$|€+])")


def visible(text: str) -> str:
    """Without what is invisible, letters of every width and frame as the usual ones; what tags spell is spelt out."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKC", text)
    shown = (chr(ord(each) - 0xE0000) if ord(each) in _TAGS else each for each in plain)
    return "".join(character for character in shown if unicodedata.category(character) != "Cf")


def as_latin(text: str) -> str:
    """Of visible text: lookalikes of Latin letters as those, without accents."""
    if text.isascii():
        return text
    return without_marks("".join(map(_latin, text.translate(_LATIN))))


def as_cyrillic(text: str) -> str:
    """Latin letters within words that have Cyrillic ones, too, as the Cyrillic ones that look like them."""
    return text if text.isascii() else _WORD.sub(lambda match: _in_one_script(match.group()), text)


def _in_one_script(word: str) -> str:
    mixed = _LATIN_LETTER.search(word) and _CYRILLIC_LETTER.search(word)
    return word.translate(_CYRILLIC) if mixed else word


def without_marks(text: str) -> str:
    """Without accents, vowel points and all else that is set above, below or through a letter."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFD", text)
    kept = "".join(character for character in parts if unicodedata.category(character) != "Mn")
    return unicodedata.normalize("NFC", kept).translate(_UNACCENTED)


def without_leet(text: str, known: Callable[[str], bool]) -> str:
    """Digits and signs that stand for letters as those, in words that are `known` then.

    In all words where two or more are: nobody writes so without meaning to.
    """
    found = {written: _reading(written, known) for written in _LEET.findall(text)}
    meant = sum(reading is not None for reading in found.values()) >= MEANT
    readings = {
        written: reading or (written.lower().translate(_DIGITS[0]) if meant else written)
        for written, reading in found.items()
    }
    return _LEET.sub(lambda match: readings[match.group()], text) if found else text


def _reading(written: str, known: Callable[[str], bool]) -> str | None:
    for bare in (written.lower(), written.lower().rstrip("!|+")):
        for letters in _DIGITS:
            reading = bare.translate(letters)
            if len(reading) >= SHORTEST_KNOWN and known(reading):
                return reading + written[len(bare) :]
    return None


@lru_cache(maxsize=4096)
def _latin(character: str) -> str:
    if character.isascii():
        return character
    name = unicodedata.name(character, "")
    found = _NAMED.fullmatch(name)
    if found is None:
        return _LETTERS_OF_NAMES.get(name.rpartition(" ")[2], character) if name.startswith("LATIN ") else character
    return str(found[1]) if character.isupper() else str(found[1]).lower()


# Letters that no accent makes: they stand for the plain ones when people have no key for them.
_UNACCENTED = str.maketrans("łŁøØıđĐ", "lLoOidD") | {ord("ß"): "ss", ord("œ"): "oe", ord("æ"): "ae"}
