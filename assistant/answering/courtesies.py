"""A question without the courtesies around it: they say nothing of what is asked, and a search takes them for words.

English. What is left out is what a greeting, a thank-you or a polite opening says; anything else stays.
"""

import re

_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*|[.!?\n]+\s*")
# At the beginning of a sentence, as often as they come.
_OPENING = re.compile(
    r"^\W*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?:there|all|team|everyone|support|sirs?|madam|or|and|customer|service))*|"
    r"(?:i'?m |i am )?(?:so |very )?sorry (?:to (?:bother|disturb|trouble) you|"
    r"for (?:bothering|disturbing|troubling) you)(?: again)?|"
    r"excuse me|by the way|anyway|"
    r"(?:please )?(?:could|can|would|will) (?:you|u|someone|somebody) (?:please |kindly |perhaps |maybe )*"
    r"(?:tell me|let me know|explain to me|help me understand|advise me?)|"
    r"i (?:was (?:just )?wondering|would (?:just )?like to know|just wanted to (?:ask|know)|"
    r"have (?:a|one) (?:quick |short |little )?question)|"
    r"(?:quick|short|just a) question)\b[\s,:;!.-]*(?:but |and |if |about )?",
    re.I,
)
# The rest of a sentence.
_NOTHING_ELSE = re.compile(
    r"^\W*(?:(?:many |so many )?thanks?\b.*|thank (?:you|u)\b.*|thx\b.*|"
    r"(?:i )?(?:really )?(?:appreciate|would appreciate)\b.*(?:help|time|it)|cheers|"
    r"(?:i )?hope (?:you|u|all|this|everyone|your)\b.*\b(?:well|day|week|weekend|morning|evening)|"
    r"(?:kind|best|warm) regards?\b.*|(?:there is |there's )?no (?:hurry|rush)\b.*|take your time|"
    r"(?:i )?(?:look|looking|am looking) forward to\b.*|"
    r"(?:i )?would be (?:very |so )?(?:glad|happy|grateful) to hear from you|"
    r"have a (?:nice|good|great|lovely)\b.*)\W*$",
    re.I,
)
# A sentence that asks is kept, however it begins.
_ASKS = re.compile(r"\?|\b(?:but|how|what|where|when|which|who|why)\b", re.I)


def without_courtesies(text: str) -> str:
    """The text without courtesies; as it is when nothing else is left."""
    sentences = (_opened(sentence) for sentence in _SENTENCE.findall(text))
    rest = "".join(
        sentence for sentence in sentences if _ASKS.search(sentence) or not _NOTHING_ELSE.match(sentence)
    ).strip()
    return rest if re.search(r"\w", rest) else text.strip()


def _opened(sentence: str) -> str:
    while (opening := _OPENING.match(sentence)) and opening.end():
        sentence = sentence[opening.end() :]
    return sentence
