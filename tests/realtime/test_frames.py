"""Whatever a client sends is a typed frame or one of two refusals."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.events.catalogue import Hello, MessageSend, Ping
from assistant.realtime.frames import PARSERS, BadFrame, UnknownType, parse

ID = "0b9f3c1e-8a4e-4f43-9d5a-3f1f6a1f2c77"
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
NAMES = st.sampled_from(["client_id", "text", "widget", "after", "seq", "rating", "message", "email", "turn"])


@given(st.text())
def test_any_text_is_refused_or_parsed(text):
    with pytest.raises((BadFrame, UnknownType)):
        parse(text, PARSERS)


@given(st.sampled_from(sorted(PARSERS)), st.dictionaries(NAMES, VALUES))
def test_any_fields_of_a_known_type_are_refused_or_parsed(kind, fields):
    with contextlib.suppress(BadFrame):
        assert parse(json.dumps({**fields, "type": kind}), PARSERS) is not None


def test_unknown_fields_and_doubled_keys_are_harmless():
    assert parse('{"type": "dance", "type": "ping", "__proto__": {}}', PARSERS) == Ping()


def test_what_may_be_null_may_be_missing():
    assert parse('{"type": "hello", "widget": "w"}', PARSERS) == Hello("w")
    assert parse('{"type": "hello", "widget": "w", "session": null, "after": 3, "locale": "de"}', PARSERS).after == 3


def test_a_refusal_names_the_client_id_it_could_read():
    with pytest.raises(BadFrame) as refusal:
        parse(json.dumps({"type": "message.send", "client_id": ID, "text": 5}), PARSERS)
    assert refusal.value.client_id == ID
    with pytest.raises(BadFrame) as refusal:
        parse(json.dumps({"type": "message.send", "client_id": ID.upper(), "text": "hi"}), PARSERS)
    assert refusal.value.client_id is None
    assert parse(json.dumps({"type": "message.send", "client_id": ID, "text": "hi"}), PARSERS) == MessageSend(ID, "hi")
