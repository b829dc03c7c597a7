"""Of a sentence that a model is writing, what may be shown before it is whole: as far as it begins like a passage's.

That is words without any markup which, behind the mark of a list item or none, are word for word the beginning of a
sentence of one of the passages. What is shown so is taken back where the whole sentence is not let through.
"""

import re
from collections.abc import Sequence

# A word as it is written, with what may follow it within a sentence.
_PLAIN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*[,;:]?")
_MARK = re.compile(r"\s*(?:[-*+•]|\d{1,3}[.)])\s+")
_TOKEN = re.compile(r"\s*(\S+)(?=\s)")
# What has no white space for longer is no word of a language that puts any between them.
LONGEST_WORD = 64


def beginning(sentence: str) -> list[str]:
    """The words of a passage's sentence up to the first that has anything else to it."""
    words: list[str] = []
    for token in sentence.split():
        if not _PLAIN.fullmatch(token):
            break
        words.append(_alike(token))
    return words


class Early:
    """Reads the sentence as it grows; fit for an event loop: some microseconds a word.

    `sentences` are the beginnings of those of the passages.
    """

    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        self._sentences = sentences
        self.begin()

    def begin(self, text: str = "") -> None:
        """The next sentence begins with `text`."""
        self.mark = self.text = self._rest = ""
        self._left, self._read = self._sentences, 0
        self._open = True
        self.add(text)

    def add(self, piece: str) -> None:
        """Take what was written; whole words of it go to `text` until one must wait for the sentence."""
        if not self._open:
            return
        self._rest += piece
        if not (self.mark or self.text) and (mark := _MARK.match(self._rest)):
            self.mark, self._rest = mark[0], self._rest[mark.end() :]
        at = 0
        while self._open and (token := _TOKEN.match(self._rest, at)):
            self._open = self._goes_on(token[1])
            if self._open:
                self.text, at = self.text + token[0], token.end()
        self._rest = self._rest[at:]
        self._open = self._open and len(self._rest) <= LONGEST_WORD

    def _goes_on(self, token: str) -> bool:
        """Whether a sentence of a passage goes on with this word, too."""
        word = _alike(token)
        self._left = [each for each in self._left if len(each) > self._read and each[self._read] == word]
        self._read += 1
        return bool(self._left)


def _alike(token: str) -> str:
    return token.lower().replace("’", "'")
