"""Numbers and units as they are written, reduced to forms that can be compared. Pure."""

import re
from collections.abc import Mapping

_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
    seventeen eighteen nineteen""".split()  # noqa: SIM905
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
NUMBER_WORDS = {word: str(value) for value, word in enumerate(_SMALL)}
NUMBER_WORDS |= {word: str(10 * value) for value, word in enumerate(_TENS, start=2)}
NUMBER_WORDS |= {
    f"{tens}-{unit}": str(10 * value + digit)
    for value, tens in enumerate(_TENS, start=2)
    for digit, unit in enumerate(_SMALL[1:10], start=1)
}
NUMBER_WORDS |= {"hundred": "100", "thousand": "1000", "million": "1000000", "dozen": "12", "free": "0 paid"}

_UNITS = {
    "second": "second seconds sec secs",
    "millisecond": "millisecond milliseconds ms",
    "minute": "minute minutes min mins",
    "hour": "hour hours hr hrs",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years yr yrs",
    "percent": "% percent",
    "euro": "€ euro euros eur",
    "dollar": "$ dollar dollars usd",
    "pound": "£ gbp pounds",
    "yen": "¥ yen jpy",
    "cent": "cent cents",
    "byte": "byte bytes",
    "bit": "bit bits",
    "kilobyte": "kb kilobyte kilobytes kib",
    "megabyte": "mb megabyte megabytes mib",
    "gigabyte": "gb gigabyte gigabytes gib",
    "terabyte": "tb terabyte terabytes tib",
    "kilogram": "kg kilogram kilograms kilo kilos",
    "gram": "g gram grams",
    "kilometre": "km kilometre kilometres kilometer kilometers",
    "metre": "m metre metres meter meters",
    "centimetre": "cm centimetre centimetres",
    "millimetre": "mm millimetre millimetres",
    "volt": "v volt volts",
    "watt": "w watt watts",
    "hertz": "hz",
    "megahertz": "mhz",
    "gigahertz": "ghz",
}
UNITS = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings.split()}
_FORM = re.compile(r"(-?)v?(\d+(?:[.,:'’]\d+)*)(?:-?([a-z%]+))?")
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_GROUPED = re.compile(r"\d{1,3}(?:[,'’]\d{3})+(?:\.\d+)?")
_GROUPED_BY_POINTS = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")
_DECIMAL_COMMA = re.compile(r"\d+,\d{1,2}")
_DECIMAL = re.compile(r"\d+\.\d+")

# Before or after noon is part of the time: "6 p.m.".
_HALF = re.compile(r"(?<=\d)\s?([ap])\.?\s?m\b\.?", re.I)


def with_halves(text: str) -> str:
    """The text with "6pm" for "6 p.m."."""
    return _HALF.sub(r"\1m", text)


def number_of(
    token: str, words: Mapping[str, str] = NUMBER_WORDS, units: Mapping[str, str] = UNITS
) -> tuple[str, str] | None:
    """The value and the unit ("" without) of a token in small letters that is a number; None for any other.

    Values are text: versions and dates are compared as they stand, amounts without separators and trailing zeros.
    """
    if token in words:
        return words[token], ""
    found = _FORM.fullmatch(token)
    if found is None:
        return None
    suffix = found[3] or ""
    if suffix and suffix not in units and suffix not in _ORDINALS:
        return None
    return found[1] + plain(found[2]), units.get(suffix, "")


def plain(digits: str) -> str:
    """One form of a number: "1,000.50" and "1000.5" are equal, and so are "9,50" and "9.5"; "8.10" is not "8.1"."""
    if _GROUPED.fullmatch(digits):
        digits = re.sub("[,'’]", "", digits)
    elif _GROUPED_BY_POINTS.fullmatch(digits):
        digits = digits.replace(".", "").replace(",", ".")
    elif _DECIMAL_COMMA.fullmatch(digits):
        digits = digits.replace(",", ".")
    if _DECIMAL.fullmatch(digits):
        digits = re.sub(r"\.0+$", "", digits)
    return digits.lstrip("0") or "0" if digits.isdigit() else digits


def amount(value: str) -> str:
    """An amount of money without trailing zeros: "9.50" is "9.5"."""
    return value.rstrip("0").rstrip(".") if _DECIMAL.fullmatch(value) else value
