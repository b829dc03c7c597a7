"""Of a sentence that a model is writing, what may be shown before it is whole.

That is words alone, without any markup, which all stand in one sentence of one passage, or carry no meaning, and
neither affirm nor deny. What is shown so is taken back where the whole sentence is not let through.
"""

import re
from collections.abc import Sequence

from assistant.terms import STOP_WORDS, stems, words

# A word as it is written, with what may follow it within a sentence.
_PLAIN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*[,;]?")
_MARK = re.compile(r"[-*+•]|\d{1,2}[.)]")
_TOKEN = re.compile(r"(\s*)(\S+)(?=\s)")
_AFFIRMS_OR_DENIES = re.compile(r"yes|no|not|nor|never|cannot|\w+n't")
_CARRIES_NO_MEANING = frozenset(word for word in STOP_WORDS if not _AFFIRMS_OR_DENIES.fullmatch(word))


class Early:
    """Reads the sentence as it grows; fit for an event loop: some microseconds a word.

    `sentences` are the stems of each sentence of the passages.
    """

    def __init__(self, sentences: Sequence[frozenset[str]]) -> None:
        self._sentences = sentences
        self.begin()

    def begin(self, text: str = "") -> None:
        """The next sentence begins with `text`."""
        self.text, self._rest = "", ""
        self._left = self._sentences
        self._open = True
        self.add(text)

    def add(self, piece: str) -> None:
        """Take what was written; whole words of it go to `text` until one must wait for the sentence."""
        if not self._open:
            return
        self._rest += piece
        at = 0
        while self._open and (token := _TOKEN.match(self._rest, at)):
            self._open = self._takes(token[2])
            if self._open:
                self.text, at = self.text + token[0], token.end()
        self._rest = self._rest[at:]

    def _takes(self, token: str) -> bool:
        if not self.text.strip() and _MARK.fullmatch(token):
            return True
        if not _PLAIN.fullmatch(token):
            return False
        for word, stem in zip(words(token), stems(token), strict=True):
            if word not in _CARRIES_NO_MEANING:
                self._left = [sentence for sentence in self._left if stem in sentence]
        return bool(self._left)
