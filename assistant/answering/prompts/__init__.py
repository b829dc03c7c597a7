"""Prompts: text files with a version each, and the request built from one."""

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assistant.answering.withholding import without_orders
from assistant.answers import Said
from assistant.llm.port import ChatMessage, Prompt
from assistant.states import Role
from knowledge.retrieval import Passage

NO_ANSWER = "NO ANSWER"
PASSAGES_CHARACTERS = 12_000
# As long as a message may be; of several that are answered together the newest are asked about.
QUESTION_CHARACTERS = 8_000
# One line is wanted; but models that reason spend most of theirs unseen.
REWRITE_TOKENS = CHECK_TOKENS = 500
_SPEAKERS = {Role.CUSTOMER: "Customer", Role.ASSISTANT: "Assistant", Role.AGENT: "Agent"}
_FENCE = re.compile(r"[<＜‹〈](?=\s*[/／∕]?\s*(?:passage|question|history|sentence))", re.I)
_BLANK_LINES = re.compile(r"[ \t]*\n\s*\n")


@lru_cache
def template(name: str) -> str:
    """The text of prompts/NAME.md."""
    return (Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8").strip()


@lru_cache
def version(name: str) -> str:
    """The template's name and the first digits of its hash: changes when its text does."""
    return f"{name}-{hashlib.sha256(template(name).encode()).hexdigest()[:12]}"


def answer_prompt(question: str, history: Sequence[Said], passages: Sequence[Passage]) -> Prompt:
    """The request for an answer from these passages, numbered from 1; history must be bounded already.

    What earlier messages say to an assistant is left out, as it is of articles.
    """
    told = [_told(said) for said in without_orders(history) if said.role != Role.SYSTEM]
    asked = ChatMessage("user", f"{fenced(passages)}\n\n{_question(question)}")
    return Prompt((ChatMessage("system", template("answer")), *told, asked), version("answer"))


def rewrite_prompt(message: str, history: Sequence[Said]) -> Prompt:
    """The request for the message as a question that needs no history; history must be bounded already."""
    told = "\n\n".join(f"{_SPEAKERS[said.role]}: {_inert(said.text)}" for said in history if said.role != Role.SYSTEM)
    asked = ChatMessage("user", f"<history>\n{told}\n</history>\n\n{_question(message)}")
    return Prompt((ChatMessage("system", template("rewrite")), asked), version("rewrite"), REWRITE_TOKENS)


def check_prompt(sentence: str, question: str, cited: Sequence[Passage]) -> Prompt:
    """The request for a word on whether these passages support the sentence."""
    asked = f"{fenced(cited)}\n\n{_question(question)}\n\n<sentence>\n{_inert(sentence)}\n</sentence>"
    messages = (ChatMessage("system", template("check")), ChatMessage("user", asked))
    return Prompt(messages, version("check"), CHECK_TOKENS)


def fenced(passages: Sequence[Passage]) -> str:
    """The passages as numbered, fenced text that cannot close its own fence."""
    parts, room = [], PASSAGES_CHARACTERS
    for number, passage in enumerate(passages, start=1):
        text = passage.text[:room]
        room -= len(text)
        if not text:
            break
        where = " > ".join([passage.title, *passage.heading_path]).replace('"', "'")
        parts.append(f'<passage n="{number}" from="{_inert(where)}">\n{_inert(text)}\n</passage>')
    return "\n".join(parts)


def is_no_answer(text: str) -> bool:
    """Whether the model said, in the prompt's protocol, that the passages do not hold the answer."""
    return text.lstrip(" \n*#_`\"'").upper().startswith(NO_ANSWER)


def may_be_no_answer(text: str) -> bool:
    """Whether it says so, or is too short to tell."""
    begun = text.lstrip(" \n*#_`\"'").upper()
    return is_no_answer(text) or NO_ANSWER.startswith(begun)


def _told(said: Said) -> ChatMessage:
    if said.role == Role.CUSTOMER:
        return ChatMessage("user", _question(said.text))
    return ChatMessage("assistant", _inert(said.text))


def _question(text: str) -> str:
    return f"<question>\n{_inert(text[-QUESTION_CHARACTERS:])}\n</question>"


def _inert(text: str) -> str:
    return _BLANK_LINES.sub("\n\n", _FENCE.sub("«", text))
