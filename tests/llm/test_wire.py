from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.port import UNKNOWN, ModelFailure, Usage
from assistant.llm.wire import EventLines, Reader


def chunk(content=None, finish=None):
    delta = {} if content is None else {"content": content}
    return b"data: " + orjson.dumps({"choices": [{"delta": delta, "finish_reason": finish}]}) + b"\n\n"


def read(stream):
    """The text of a whole stream given in pieces."""
    lines, reader, text = EventLines(), Reader(), ""
    for piece in stream:
        text += "".join(reader.text(payload) for payload in lines.feed(piece))
    text += "".join(reader.text(payload) for payload in lines.close())
    reader.finish()
    return text


@given(
    st.text(min_size=1).filter(lambda t: t.replace("\x00", "").strip()), st.lists(st.integers(0, 10_000), max_size=8)
)
def test_text_is_the_same_however_the_stream_is_cut(text, cuts):
    whole = (
        b": hello\n\n" + b"".join(chunk(character) for character in text) + chunk(finish="stop") + b"data: [DONE]\n\n"
    )
    edges = sorted({0, len(whole), *(cut % len(whole) for cut in cuts)})
    assert read([whole[a:b] for a, b in pairwise(edges)]) == text.replace("\x00", "")


@given(st.binary(max_size=300))
def test_any_bytes_give_text_or_a_typed_failure(received):
    with pytest.raises(ModelFailure):
        read([received])  # no random bytes are a whole completion


@pytest.mark.parametrize(
    ("delta", "thinks"),
    [
        ({"reasoning_content": "hm"}, True),
        ({"content": "", "reasoning": "hm"}, True),
        ({"content": "so", "reasoning": "hm"}, False),
        ({"reasoning_content": "", "reasoning": None}, False),
        ({"reasoning_content": {"text": "hm"}}, False),
        ({}, False),
    ],
)
def test_thinking_is_told_apart_from_text_and_from_nothing(delta, thinks):
    reader = Reader()
    text = reader.text(orjson.dumps({"choices": [{"delta": delta}]}))
    assert (text, reader.thinks) == (delta.get("content", ""), thinks)
    reader.text(orjson.dumps({"choices": []}))
    assert not reader.thinks


@pytest.mark.parametrize(
    ("usage", "expected"), [({"prompt_tokens": 3}, 3), ({"prompt_tokens": -1}, None), ("many", None)]
)
def test_usage_is_believed_only_when_it_is_a_count(usage, expected):
    reader = Reader()
    reader.text(orjson.dumps({"choices": [], "usage": usage}))
    assert reader.usage.prompt_tokens == expected


def test_what_was_counted_before_the_end_is_not_all():
    reader = Reader()
    counting = {"choices": [{"delta": {"content": "It"}}], "usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    reader.text(orjson.dumps(counting))
    assert reader.counted == UNKNOWN
    reader.text(orjson.dumps({"choices": [{"delta": {}, "finish_reason": "length"}]}))
    assert reader.counted == Usage(3, 1)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"code": 502, "message": "Bad gateway"}, "overloaded"),
        ({"code": "server_error", "message": "The server had an error"}, "overloaded"),
        ({"type": "overloaded_error", "message": "Overloaded"}, "overloaded"),
        ({"type": "InternalServerError", "code": None}, "overloaded"),
        ({"code": "429", "type": "error"}, "rate_limit"),
        ({"type": "requests", "code": "rate_limit_exceeded"}, "rate_limit"),
        ({"type": "insufficient_quota"}, "rate_limit"),
        ({"type": "BadRequestError", "code": 400, "message": "Internal server error is a topic"}, "refused"),
        ({"type": "invalid_request_error", "code": "context_length_exceeded"}, "refused"),
        ("no such model", "refused"),
        ([1], "refused"),
    ],
)
def test_an_error_inside_a_stream_is_what_its_status_would_be(error, kind):
    with pytest.raises(ModelFailure) as failure:
        Reader().text(orjson.dumps({"error": error}))
    assert failure.value.kind == kind
