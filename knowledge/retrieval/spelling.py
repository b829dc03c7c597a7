"""Mistyped words of a question, put right by the words of the collection's articles."""

from collections.abc import Collection, Sequence

from django.db import connection

from knowledge.embedding import Embedder
from knowledge.retrieval.access import Scope
from knowledge.retrieval.frequencies import Frequencies
from knowledge.retrieval.lexical import question_terms
from knowledge.retrieval.query import Understood
from knowledge.spelling import SHORTEST_PART, Typed, all_words, closest, replaced, slips_allowed, splits, typed_words
from knowledge.terms import term_id, terms_of

# A question with more unknown words than this is in another language, or about something else.
UNKNOWN_SHARE = 0.5
MOST_CORRECTED = 8

# In one row, as making thousands of rows costs more than finding them. "C" sorts by code point: a letter is a range.
_NEAR = """
SELECT string_agg(word || ' ' || document_count, ' ') FROM knowledge_wordstatistic
WHERE generation_id = %s AND collection_id = %s AND word >= %s AND word < %s
  AND length(word) BETWEEN %s AND %s AND document_count > 0
"""


def understand(scope: Scope, frequencies: Frequencies, text: str, embedder: Embedder) -> Understood:
    """Puts right what the articles do not hold, the embedding model does not know, and a slip or two explain, or a
    space that was left out.

    A question in which most words are unknown stays as it is.
    """
    unknown = _unknown(scope, frequencies, text)
    typed = [word for word in typed_words(text) if word.word in unknown and not embedder.knows_word(word.word)]
    if not typed:
        return Understood(text, {})
    typed = typed[:MOST_CORRECTED]
    meant = {**_apart(scope, frequencies, {word.word for word in typed}), **_meant(scope, typed)}
    return Understood(replaced(text, typed, meant), meant)


def _unknown(scope: Scope, frequencies: Frequencies, text: str) -> set[str]:
    """The words of which no chunk holds a term; empty when they are most of the question."""
    words = all_words(text)
    terms = {word: _terms(word, scope.languages) for word in dict.fromkeys(words)}
    # With those that the search looks for, which then need no look-up of their own.
    holding = frequencies.of(set(question_terms(text, scope.languages)).union(*terms.values()))
    unknown = {word for word, of_word in terms.items() if of_word and not any(holding[term] for term in of_word)}
    few = len(unknown) == 1 or sum(word in unknown for word in words) <= UNKNOWN_SHARE * len(words)
    return unknown if few else set()


def _apart(scope: Scope, frequencies: Frequencies, words: Collection[str]) -> dict[str, str]:
    """Words that are two of the articles' words, or one and a stop word, without the space between them.

    Two letters that are no stop word are the end or the beginning of one.
    """
    pairs = {word: splits(word) for word in words}
    terms = {part: _terms(part, scope.languages) for of_word in pairs.values() for pair in of_word for part in pair}
    holding = frequencies.of(set().union(*terms.values()))
    known = {
        part
        for part, of_part in terms.items()
        if not of_part or (len(part) > SHORTEST_PART and any(holding[term] for term in of_part))
    }
    found = {word: [pair for pair in of_word if known.issuperset(pair)] for word, of_word in pairs.items()}
    return {word: " ".join(of_word[0]) for word, of_word in found.items() if of_word}


def _terms(word: str, languages: Sequence[str]) -> set[int]:
    """In every language; empty when it is a stop word of one of them."""
    by_language = [terms_of(word, language) for language in languages]
    return {term_id(term) for terms in by_language for term in terms} if all(by_language) else set()


def _meant(scope: Scope, typed: Sequence[Typed]) -> dict[str, str]:
    found = {word: closest(word, _near(scope, word)) for word in dict.fromkeys(typed.word for typed in typed)}
    return {word: meant for word, meant in found.items() if meant is not None}


def _near(scope: Scope, word: str) -> dict[str, int]:
    """The articles' words of about its length and with its first letter, with how many documents hold each."""
    slips = slips_allowed(word)
    letters = (word[0], chr(ord(word[0]) + 1))
    lengths = (len(word) - slips, len(word) + slips)
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [scope.generation_id, scope.collection_id, *letters, *lengths])
        words = (cursor.fetchone()[0] or "").split(" ")
    return dict(zip(words[::2], map(int, words[1::2]), strict=True)) if len(words) > 1 else {}
