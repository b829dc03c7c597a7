"""What of the conversation a question needs: a bounded history, and the question made to stand alone. Pure."""

from collections.abc import Sequence

from assistant.answering.courtesies import without_courtesies
from assistant.answering.follow_ups import FollowUps, Lean, likeliest
from assistant.answering.replacing import done_instead, named_instead, put_in_place
from assistant.answers import Said
from assistant.states import Role
from assistant.terms import words

HISTORY_MESSAGES = 8
HISTORY_TOKENS = 1_000
MESSAGE_CHARACTERS = 1_000
QUESTION_CHARACTERS = 2_000
CARRIED_TERMS = 6


def bounded(history: Sequence[Said]) -> tuple[Said, ...]:
    """The newest messages that fit HISTORY_TOKENS, from a customer's on; an overlong one keeps its beginning."""
    if not history:
        return ()
    from langchain.messages import AIMessage, HumanMessage, trim_messages  # no use without a generative model
    from langchain_core.messages.utils import count_tokens_approximately

    recent = [Said(said.role, said.text[:MESSAGE_CHARACTERS]) for said in history[-HISTORY_MESSAGES:]]
    messages = [HumanMessage(said.text) if said.role == Role.CUSTOMER else AIMessage(said.text) for said in recent]
    kept = trim_messages(
        messages, max_tokens=HISTORY_TOKENS, token_counter=count_tokens_approximately, start_on="human"
    )
    return tuple(recent[len(recent) - len(kept) :])


def standalone(text: str, history: Sequence[Said] = ()) -> str:
    """The question to look up: the text itself, with the topic of earlier questions where it leans on them.

    Selective: a message that says what it is about is left alone, since old terms would only drown it.
    """
    question = said_plainly(text)
    if not leans_on_history(question):
        return question
    carried = _topic([said.text for said in history if said.role == Role.CUSTOMER], question)
    own = set(words(question))
    added = [word for word in carried if word not in own]
    return f"{question} ({' '.join(added)})" if added else question


def said_plainly(text: str) -> str:
    """The message without its courtesies, and not beyond what is read."""
    return without_courtesies(text[:QUESTION_CHARACTERS])


def leans_on_history(text: str) -> bool:
    """Whether the message is a follow-up."""
    return leaning(text) is not None


def leaning(text: str) -> Lean | None:
    """How a message of few words is a follow-up: a mere fragment, referring back, or going on; None when it is none."""
    return next((lean for spoken in likeliest(text) if (lean := spoken.leaning(text))), None)


def refers_back(text: str) -> bool:
    """Whether a word stands for something that no earlier clause of the message itself has named."""
    return any(spoken.refers_back(text) for spoken in likeliest(text))


def _topic(customer_texts: Sequence[str], question: str) -> list[str]:
    """The words of the latest questions back to one that stands alone, that one's first.

    Without those in whose place the question, or one in between, puts others.
    """
    later, gathered = [question], list[list[str]]()
    for said in reversed(customer_texts[-4:]):
        text = without_courtesies(said[:MESSAGE_CHARACTERS])
        spoken = likeliest(text)[0]
        if spoken.says_nothing_new(text):
            continue
        left = {word for new in later for word in _replaced(text, new, spoken)}
        gathered.append([word for word in spoken.topic_words(text) if word.partition(" ")[0] not in left])
        later.append(text)
        if not leans_on_history(text):
            break
    topic = [word for part in reversed(gathered) for word in part]
    return list(dict.fromkeys(topic))[:CARRIED_TERMS]


def _replaced(earlier: str, later: str, spoken: FollowUps) -> frozenset[str]:
    """The words of the earlier message that the later one puts others in place of.

    What refers back keeps them, but for what was done: "how do I restore it?" is not about backing it up.
    """
    named = named_instead(earlier, later, spoken.stop_words)
    in_place = done_instead if leaning(later) == "refers back" else put_in_place
    return named | in_place(earlier, later, spoken.stop_words)
