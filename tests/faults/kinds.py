"""The kinds of failure that are proved against, by letter: delivery, queue, database (P), models (L).

Each with what proves it: faults of the catalogue by name, and tests as FILE::NAME where a fault cannot or need not.
"""

from typing import NamedTuple


class Kind(NamedTuple):
    """A way to fail, in a few words, and its proofs."""

    words: str
    proofs: tuple[str, ...]


STATE_MACHINE = "tests/conversations/test_state_machine.py::test_whatever_happens_what_must_hold_holds"
SLOW_READER = "tests/realtime/test_slow_reader.py::"
CONTRACT = "tests/contract/"
DEADLY = "tests/knowledge/test_deadly_articles.py::"
PULSE = "tests/realtime/test_pulse.py::"
GATEWAY = "tests/llm/test_gateway.py::"

KINDS: dict[str, Kind] = {
    "D1": Kind(
        "the channel layer drops what is sent",
        ("web process frozen", "broker frozen", PULSE + "test_what_was_not_rung_is_shown_at_the_next_pulse"),
    ),
    "D2": Kind(
        "idle connections are closed",
        (CONTRACT + "test_pressure.py::test_idle_connections_stay_are_told_where_the_head_is_and_count_as_there",),
    ),
    "D3": Kind("a process dies between taking a message and passing it on", ("web process killed",)),
    "D4": Kind("the broker is away for a moment", ("broker killed", "broker's connections cut three times")),
    "D5": Kind(
        "a reader is slow or reads nothing",
        (
            "network slow and in pieces",
            SLOW_READER + "test_who_does_not_keep_up_is_closed_with_1013_and_resumes_without_loss",
            SLOW_READER + "test_who_never_reads_is_gone_and_held_little_memory",
        ),
    ),
    "D6": Kind(
        "a return shows messages and not what else changed",
        (
            "customers' connections cut",
            STATE_MACHINE,
            PULSE + "test_what_was_not_rung_is_shown_at_the_next_pulse",
            PULSE + "test_an_agent_is_told_that_a_queue_changed_which_did_not_ring",
        ),
    ),
    "D7": Kind(
        "events come between the head and the replay",
        (
            "customers' connections cut",
            "tests/realtime/test_relay.py::test_an_event_between_head_and_replay_is_not_left_to_the_next_pulse",
        ),
    ),
    "D8": Kind("an acknowledgement is lost and the message sent again", ("acknowledgements lost",)),
    "D9": Kind(
        "numbers are given out of the order of commits",
        ("tests/conversations/test_concurrency.py::test_fifty_writers_make_one_gapless_log",),
    ),
    "D10": Kind(
        "a deploy",
        ("web process and workers restarted", CONTRACT + "test_pressure.py::test_a_restart_spreads_the_reconnects"),
    ),
    "D11": Kind(
        "a connection is dead and neither end knows",
        (
            "customers' connections deaf",
            "customers cut off for 2 s every 10 s",
            "customers cut off for 2 s every 10 s for 5 min",
        ),
    ),
    "D12": Kind(
        "a customer comes back after long",
        (
            "customers cut off for 16 s",
            "clock a day ahead, and customers away for it",
            CONTRACT + "test_conversation.py::test_a_long_history_is_replayed_whole",
        ),
    ),
    "D13": Kind(
        "a person takes over in mid-answer",
        (STATE_MACHINE, CONTRACT + "test_conversation.py::test_an_agent_takes_over_replies_hands_back_and_resolves"),
    ),
    "D14": Kind(
        "two devices, two agents",
        ("web process killed", "tests/conversations/test_concurrency.py::test_one_of_two_agents_gets_it"),
    ),
    "Q1": Kind(
        "a task is delivered again",
        (
            "tasks delivered twice",
            "tests/knowledge/test_interrupted_imports.py::test_delivering_a_task_twice_does_it_once",
        ),
    ),
    "Q2": Kind(
        "a worker or its child is killed",
        (
            "worker of answers killed",
            "children of the workers killed",
            "worker of imports killed",
            "worker of housekeeping killed",
        ),
    ),
    "Q3": Kind(
        "a task kills every worker that takes it",
        (
            CONTRACT + "test_hand_over.py::test_after_three_failed_attempts_a_person_is_asked_for",
            DEADLY + "test_an_article_that_kills_its_process_is_left_out_after_three_attempts_and_keeps_nobody_waiting",
            DEADLY + "test_an_import_leaves_aside_what_killed_its_process_and_is_done",
            DEADLY + "test_an_import_that_kills_its_process_again_and_again_is_given_up",
        ),
    ),
    "Q4": Kind(
        "a worker is alive and consumes nothing",
        (
            "broker's connections cut three times",
            "broker lost on the way",
            "worker of answers frozen",
            "tests/project/test_queue_places.py::test_a_place_is_free_although_the_broker_could_not_be_told",
        ),
    ),
    "Q5": Kind(
        "publishing blocks, or is lost after the commit",
        (
            "broker frozen",
            "broker slow",
            CONTRACT + "test_broker_hangs.py::test_while_the_broker_hangs_messages_are_kept_and_limits_hold",
        ),
    ),
    "Q6": Kind("the broker loses its data", ("broker emptied", "broker killed")),
    "Q7": Kind(
        "the broker evicts what it needs",
        (
            "tests/project/test_embedded.py::test_the_services_want_their_passwords_and_valkey_never_evicts",
            "tests/project/test_health.py::test_a_broker_that_throws_keys_away_is_degraded_and_says_what_to_set",
        ),
    ),
    "Q8": Kind("slow work keeps the answers waiting", ("queues filled",)),
    "Q9": Kind(
        "a process is told to go in mid-answer",
        ("web process restarted", "worker of answers restarted", "web process and workers restarted"),
    ),
    "Q10": Kind(
        "the clock of periodic tasks runs twice, or not, or jumps",
        (
            "beat killed",
            "beat frozen",
            "tests/project/test_watchdog.py::test_a_beat_that_hangs_is_seen_and_replaced",
            "tasks delivered twice",
            "clock two hours ahead and back",
            "clock two hours behind and back",
            "tests/project/test_beat.py::test_a_clock_that_was_put_back_silences_nothing",
            "tests/project/test_watchdog.py::"
            "test_a_clock_that_was_moved_is_not_held_against_a_worker_and_no_excuse_for_long",
            STATE_MACHINE,
        ),
    ),
    "P1": Kind(
        "a connection is held while a model is asked",
        (
            "models silent for 10 min",
            CONTRACT + "test_pressure.py::test_streams_that_hang_hold_no_transaction_and_no_connection_each",
            "tests/knowledge/test_endpoint.py::test_no_connection_is_held_while_the_endpoint_is_asked",
        ),
    ),
    "P2": Kind(
        "the database restarts, hangs or is lost",
        (
            "database killed",
            "database frozen",
            "database lost on the way",
            "database's connections ended",
            "tests/realtime/test_database_hangs.py::"
            "test_a_database_that_says_nothing_is_told_and_nothing_is_doubled_when_it_is_back",
            "tests/project/test_database.py::test_whoever_asks_reaches_a_database_that_is_back_at_once",
        ),
    ),
    "P3": Kind(
        "who is cancelled leaves a connection behind",
        (CONTRACT + "test_leaving.py::test_who_leaves_in_mid_answer_leaves_nothing_behind",),
    ),
    "P4": Kind(
        "no connection is free, or rows are locked",
        (
            "database's connections used up",
            "tables locked",
            "tests/realtime/test_database_hangs.py::"
            "test_who_waits_for_a_locked_conversation_keeps_nobody_elses_from_being_kept",
            "tests/conversations/test_concurrency.py::test_fifty_writers_make_one_gapless_log",
        ),
    ),
    "P5": Kind("the database takes no writes", ("database read-only",)),
    "P6": Kind(
        "a migration while the product runs",
        (
            "tables locked",
            CONTRACT + "test_migrating.py::test_a_migration_lets_writers_pass_until_its_table_is_free",
            "tests/project/test_health.py::test_who_was_ready_serves_on_while_another_process_migrates",
        ),
    ),
    "L1": Kind(
        "a model is silent, or falls silent",
        ("model silent", "model stalls in mid-answer", "model lost on the way", "models silent for 10 min"),
    ),
    "L2": Kind(
        "a model refuses or breaks off",
        ("model limits its rate", "model overloaded", "model resets in mid-answer", "model flaky"),
    ),
    "L3": Kind(
        "retries multiply",
        (
            "model unreachable",
            GATEWAY + "test_in_an_outage_a_message_makes_two_calls_at_most_and_soon_none",
            "tests/conversations/test_spending.py::test_a_turn_makes_so_many_calls_over_all_its_attempts",
        ),
    ),
    "L4": Kind(
        "a call of a tool is cut short: the assistant has none, and a text that is cut is begun anew",
        (GATEWAY + "test_a_broken_text_is_started_anew_and_never_continued",),
    ),
    "L5": Kind(
        "a model is now quick, now slow",
        (
            "model flaky",
            GATEWAY + "test_beside_a_slow_request_goes_another_and_the_loser_is_cancelled_at_the_provider",
            "tests/llm/test_hedge.py::test_hedges_are_never_more_than_their_share",
        ),
    ),
    "L6": Kind(
        "a model's server breaks the protocol",
        ("model sends what is malformed", "tests/llm/test_openai.py::test_everything_else_is_a_typed_failure"),
    ),
    "L7": Kind(
        "the process that answers dies",
        ("web process killed", "web process and workers killed", "worker of answers killed"),
    ),
    "L8": Kind(
        "a customer leaves in mid-answer",
        (CONTRACT + "test_leaving.py::test_who_leaves_in_mid_answer_leaves_nothing_behind",),
    ),
    "L9": Kind(
        "a conversation grows past what a model can read",
        ("tests/answering/test_context.py::test_the_bounded_history_is_the_newest_part_and_fits",),
    ),
    "L10": Kind(
        "nothing can be embedded",
        (
            "tests/knowledge/test_retrieve.py::test_without_the_model_the_search_is_lexical_and_says_so",
            "tests/knowledge/test_ingestion.py::test_one_article_that_the_model_cannot_embed_stops_no_other",
        ),
    ),
}
