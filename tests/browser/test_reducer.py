"""The reducer: however the same events arrive, the reader sees the same conversation."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
SHARED_PAGE = [HealthCheck.function_scoped_fixture]

LOAD = """async () => { window.R = await import("/static/shared/reducer.js"); }"""

# Plays events over several connections: each stops after `live` events, repeats `again` old ones, then drops.
PLAY = """([events, connections]) => {
  let state = R.emptyState();
  const give = (frame) => { state = R.reduce(state, frame); };
  let head = 0;
  for (const {live, again, progress} of [...connections, {live: events.length, again: 0, progress: false}]) {
    give({type: "welcome", conversation: "c", seq: head, status: "assistant"});
    for (const event of events.slice(state.seq, head)) give(event);
    if (progress && state.seq) {
      give({type: "answer.started", turn: "late"});
      give({type: "answer.delta", turn: "late", offset: 0, text: "half an ans"});
    }
    const until = Math.min(events.length, head + live);
    for (let at = head; at < until; at++) give(events[at]);
    for (const event of events.slice(Math.max(0, until - again), until)) give(event);
    head = until;
  }
  give({type: "welcome", conversation: "c", seq: events.length, status: "assistant"});
  return state;
}"""


@pytest.fixture
def reducer(module_page: Page) -> Page:
    module_page.evaluate(LOAD)
    return module_page


def message(seq: int, role: str, turn: str | None) -> dict[str, Any]:
    body = {"id": f"m{seq}", "client_id": None, "turn": turn, "role": role, "text": f"text {seq}", "sources": []}
    return {"type": "message.created", "seq": seq, "message": body}


def numbered(kinds: list[tuple[str, int]]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for seq, (kind, turn) in enumerate(kinds, start=1):
        if kind in ("customer", "assistant", "agent"):
            events.append(message(seq, kind, f"t{turn}" if kind != "agent" else None))
        elif kind == "feedback":
            events.append({"type": "feedback.saved", "seq": seq, "message": f"m{turn}", "rating": 1})
        elif kind == "unknown":
            events.append({"type": "something.new", "seq": seq})
        else:
            agent = {"name": "Mira", "avatar": None} if kind == "agent_joined" else None
            status = {"agent_joined": "agent", "waiting": "waiting", "resolved": "resolved"}[kind]
            events.append({"type": "conversation.updated", "seq": seq, "status": status, "turn": None, "agent": agent})
    return events


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["customer", "assistant", "agent", "agent_joined", "waiting", "resolved", "feedback", "unknown"]
        ),
        st.integers(0, 4),
    ),
    max_size=25,
).map(numbered)
CONNECTIONS = st.lists(
    st.fixed_dictionaries({"live": st.integers(0, 8), "again": st.integers(0, 8), "progress": st.booleans()}),
    max_size=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=SHARED_PAGE)
@given(events=EVENTS, connections=CONNECTIONS)
def test_any_chunking_with_repeats_gives_the_state_of_a_fresh_read(
    reducer: Page, events: list[dict[str, Any]], connections: list[dict[str, Any]]
) -> None:
    piecewise = reducer.evaluate(PLAY, [events, connections])
    fresh = reducer.evaluate(PLAY, [events, []])
    assert piecewise == fresh
    assert fresh["seq"] == len(events)


@settings(max_examples=100, deadline=None, suppress_health_check=SHARED_PAGE)
@given(
    text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), sizes=st.lists(st.integers(1, 9), min_size=1)
)
def test_deltas_of_any_size_add_up_to_the_text_by_code_points(reducer: Page, text: str, sizes: list[int]) -> None:
    frames, offset = [{"type": "answer.started", "turn": "t"}], 0
    while offset < len(text):
        size = sizes[len(frames) % len(sizes)]
        frames.append({"type": "answer.delta", "turn": "t", "offset": offset, "text": text[offset : offset + size]})
        offset += size
    state = reducer.evaluate("(frames) => frames.reduce(R.reduce, R.emptyState())", frames)
    assert state["turn"]["text"] == text


def delta(offset: int, text: str) -> dict[str, Any]:
    return {"type": "answer.delta", "turn": "t", "offset": offset, "text": text}


@pytest.mark.parametrize(
    ("deltas", "shown"),
    [
        ([delta(0, "first attempt"), delta(0, "second")], "second"),
        ([delta(0, "abc"), delta(9, "after a lost one")], "abc"),
        ([delta(0, "🙂🙂"), delta(2, "!")], "🙂🙂!"),
        ([delta(0, "abc"), delta(1, "bcd")], "abcd"),
    ],
)
def test_delta_offsets(reducer: Page, deltas: list[dict[str, Any]], shown: str) -> None:
    state = reducer.evaluate("(frames) => frames.reduce(R.reduce, R.emptyState())", deltas)
    assert state["turn"]["text"] == shown


def test_what_is_late_stays_so_over_a_new_connection_and_nothing_is_writing_without_a_text(reducer: Page) -> None:
    welcome = {"type": "welcome", "conversation": "c", "seq": 1}
    frames = [
        {**welcome, "seq": 0},
        message(1, "customer", "t"),
        {"type": "answer.status", "turn": "t", "status": "delayed"},
        welcome,
        {"type": "answer.started", "turn": "t"},
        delta(0, ""),
    ]
    fold = "(frames) => frames.reduce(R.reduce, R.emptyState())"
    assert reducer.evaluate(fold, frames)["turn"] == {"id": "t", "status": "searching", "text": "", "delayed": True}
    assert reducer.evaluate(fold, [*frames, message(2, "assistant", "t"), {**welcome, "seq": 2}])["turn"] is None
    assert reducer.evaluate(fold, [*frames[:3], {**welcome, "conversation": "d"}])["turn"] is None


def test_the_message_replaces_the_deltas_and_later_deltas_are_ignored(reducer: Page) -> None:
    frames = [
        delta(0, "half"),
        message(1, "assistant", "t"),
        delta(4, " more"),
        {"type": "answer.started", "turn": "t"},
    ]
    state = reducer.evaluate("(frames) => frames.reduce(R.reduce, R.emptyState())", frames)
    assert state["turn"] is None
    assert [entry["text"] for entry in state["entries"]] == ["text 1"]


def test_an_event_after_a_gap_changes_nothing_and_shows_the_gap(reducer: Page) -> None:
    seen = reducer.evaluate(
        """([first, third]) => {
          const state = R.reduce(R.emptyState(), first);
          return [R.showsGap(state, third), R.reduce(state, third) === state, R.showsGap(state, first)];
        }""",
        [message(1, "agent", None), message(3, "agent", None)],
    )
    assert seen == [True, True, False]


def test_a_head_behind_ours_forgets_everything(reducer: Page) -> None:
    frames = [
        {"type": "welcome", "conversation": "c", "seq": 0},
        message(1, "agent", None),
        message(2, "agent", None),
        {"type": "welcome", "conversation": "c", "seq": 1},
    ]
    state = reducer.evaluate("(frames) => frames.reduce(R.reduce, R.emptyState())", frames)
    assert (state["seq"], state["entries"]) == (0, [])


def test_unread_counts_what_others_said_since_the_reader_looked(reducer: Page) -> None:
    counts = reducer.evaluate(
        """(frames) => {
          let state = frames.slice(0, 2).reduce(R.reduce, R.emptyState());
          const before = R.unreadCount(state);
          state = frames.slice(2).reduce(R.reduce, R.markRead(state));
          return [before, R.unreadCount(state), R.unreadCount(R.markRead(state))];
        }""",
        [
            message(1, "customer", "t"),
            message(2, "assistant", "t"),
            message(3, "customer", None),
            message(4, "agent", None),
        ],
    )
    assert counts == [1, 1, 0]


def test_a_question_is_open_until_its_outcome_even_without_progress(reducer: Page) -> None:
    frames = [message(1, "customer", "t1"), message(2, "assistant", "t1")]
    run = "(frames) => R.openTurn(frames.reduce(R.reduce, R.emptyState()))?.id ?? null"
    assert reducer.evaluate(run, frames[:1]) == "t1"
    assert reducer.evaluate(run, frames) is None


@pytest.mark.parametrize(
    ("message", "offers"),
    [
        ({"decision": "abstain"}, True),
        ({"decision": "answer"}, False),
        ({"decision": "abstain", "offers_person": False}, False),
        ({"decision": "answer", "offers_person": True}, True),
    ],
)
def test_a_person_is_offered_by_messages_that_were_stored_before_they_said_so(
    reducer: Page, message: dict[str, Any], offers: bool
) -> None:
    ask = "(entry) => R.offersPerson({entries: [entry], status: 'assistant'}, entry)"
    assert reducer.evaluate(ask, message) is offers
