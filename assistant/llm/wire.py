"""The streamed chat completion on the wire: server-sent events in, text out, strictly. Pure.

Written by hand because the client's own parser builds a validated object per token; a plain reader costs a tenth.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from assistant.llm.port import UNKNOWN, FailureKind, ModelFailure, Usage

MAX_LINE_BYTES = 1024 * 1024
DONE = b"[DONE]"
# Of HTTP: whoever asks whatever. 403 is not among them: some servers say it of the words that were sent.
DENIED = frozenset({401, 402, 404})
# What servers call the thinking that they tell apart from the text.
_THOUGHTS = ("reasoning_content", "reasoning")
# Why a whole completion ends.
_WHOLE = ("stop", "eos")
_STATUS = re.compile(r"[45]\d\d")
_LIMITED = re.compile(r"rate.?limit|too.?many.?requests|quota")
_OVERLOADED = re.compile(r"overload|server.?error|internal|unavailable|capacity|time.?out|bad.?gateway")


class EventLines:
    """Splits a byte stream into the payloads of its `data:` lines. Comments and other fields are dropped."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, received: bytes) -> Iterator[bytes]:
        """The payloads that are complete with these bytes. Raises ModelFailure for a line over 1 MiB."""
        *lines, self._rest = (self._rest + received).split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise ModelFailure("malformed", "a line of more than 1 MiB")
        for line in lines:
            yield from _payload(line)

    def close(self) -> Iterator[bytes]:
        """The payload of a last line without a line break."""
        rest, self._rest = self._rest, b""
        yield from _payload(rest)


def _payload(line: bytes) -> Iterator[bytes]:
    stripped = line.rstrip(b"\r")
    if stripped.startswith(b"data:"):
        yield stripped[5:].strip()
    elif stripped[:1] in (b"{", b"<"):
        raise ModelFailure("malformed", "no event stream")


@dataclass
class Reader:
    """Reads the payloads of one completion and knows when it is whole."""

    finish_reason: str | None = None
    usage: Usage = field(default_factory=Usage)
    done: bool = False
    thinks: bool = False
    begun: bool = False
    _seen_text: bool = False

    def text(self, payload: bytes) -> str:
        """The piece of text in a payload, "" for none; `thinks` says whether it holds thinking instead.

        Raises ModelFailure for anything that is no chunk.
        """
        self.thinks = False
        if payload == DONE:
            self.done = True
            return ""
        chunk = _object(payload)
        self._note_usage(chunk.get("usage"))
        choices = chunk.get("choices")
        if not isinstance(choices, list):
            raise ModelFailure("malformed", "a chunk without choices")
        if not choices:
            return ""
        return self._of_choice(choices[0])

    def finish(self) -> Usage:
        """The usage, when all was said. Raises ModelFailure when the stream broke off, was cut or said nothing."""
        if self.finish_reason == "content_filter":
            raise ModelFailure("filtered", "the provider withheld the completion")
        if self.finish_reason == "length":
            raise ModelFailure("cut", "the completion has more tokens than it may")
        if self.finish_reason not in _WHOLE and not (self.done and self.finish_reason is None):
            raise ModelFailure("malformed", f"the stream ended with {self.finish_reason or 'no finish reason'}")
        if not self._seen_text:
            raise ModelFailure("empty", "a completion without text")
        return self.usage

    @property
    def counted(self) -> Usage:
        """What the server counted; unknown where it had not told the end, since it may have counted on."""
        return self.usage if self.done or self.finish_reason is not None else UNKNOWN

    def _of_choice(self, choice: Any) -> str:
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if not isinstance(delta, dict):
            raise ModelFailure("malformed", "a choice without a delta")
        reason = choice.get("finish_reason")
        if self.finish_reason is not None and delta.get("content"):
            return ""  # a repeat after the end
        if isinstance(reason, str):
            self.finish_reason = reason
        content = delta.get("content")
        if content is not None and not isinstance(content, str):
            raise ModelFailure("malformed", "content that is no text")
        content = content and content.replace("\x00", "")  # which Postgres cannot hold
        self.thinks = not content and any(isinstance(delta.get(name), str) and delta[name] for name in _THOUGHTS)
        self._seen_text = self._seen_text or bool(content and content.strip())
        self.begun = self.begun or self.thinks or bool(content)
        return content or ""

    def _note_usage(self, usage: Any) -> None:
        if isinstance(usage, dict):
            self.usage = Usage(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")))


def _object(payload: bytes) -> dict[str, Any]:
    try:
        chunk = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise ModelFailure("malformed", "a chunk that is no JSON") from error
    if not isinstance(chunk, dict):
        raise ModelFailure("malformed", "a chunk that is no object")
    if chunk.get("error"):
        raise ModelFailure(_kind_of_error(chunk["error"]), "an error inside the stream")
    return chunk


def kind_of_status(status: int) -> FailureKind:
    """What a status of HTTP above 399 says of the server."""
    if status in DENIED:
        return "denied"
    return "rate_limit" if status == 429 else "overloaded" if status >= 500 else "refused"


def _kind_of_error(error: Any) -> FailureKind:
    """The same of an error's code and type, which are a status or words, as the server likes."""
    named = [str(error.get(key) or "").lower() for key in ("code", "type")] if isinstance(error, dict) else []
    status = next((int(name) for name in named if _STATUS.fullmatch(name)), None)
    if status is not None:
        return kind_of_status(status)
    words = " ".join(named)
    return "rate_limit" if _LIMITED.search(words) else "overloaded" if _OVERLOADED.search(words) else "refused"


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
