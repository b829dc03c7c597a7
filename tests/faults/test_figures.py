"""What was felt of a fault is counted from its end."""

from tests.faults.customers import Customer
from tests.faults.figures import Struck, apart_from, outcomes, recoveries, spread
from tests.faults.test_oracle import exchange


def asked_and_answered(sent: float, acknowledged: float, ended: float) -> Customer:
    customer = Customer("", "")
    (message, _), _ = exchange()
    client_id, turn = message["message"]["client_id"], message["message"]["turn"]
    customer.acknowledged[client_id] = message
    customer.sent_at[client_id], customer.acknowledged_at[client_id] = sent, acknowledged
    customer.ended_at[turn] = ended
    return customer


def test_a_fault_is_felt_by_those_who_waited_until_all_was_whole() -> None:
    customers = [asked_and_answered(1, 2, 13), asked_and_answered(5, 14, 15), asked_and_answered(20, 21, 22)]
    customers[2].caught_up = [(3, 12), (5, 9)]
    came_to = recoveries([Struck("broken", 4, 10, 16), Struck("broken", 30, 31, None)], customers)
    assert came_to["broken"] == {
        "times": 2,
        "acknowledged": {"p50": 4, "p99": 4, "longest": 4, "of": 1},
        "caught up": {"p50": 2, "p99": 2, "longest": 2, "of": 1},
        "answered": {"p50": 3, "p99": 3, "longest": 3, "of": 2},
        "outcome": {"p50": 11, "p99": 11, "longest": 11, "of": 2},
        "whole": {"p50": 6, "p99": 6, "longest": 6, "of": 1},
    }


def test_the_absence_of_who_left_in_mid_answer_is_no_wait_for_it() -> None:
    away, back = asked_and_answered(1, 2, 30), asked_and_answered(1, 2, 3)
    away.left_at, back.left_at = [5.0], [4.0]
    assert [(wait.since, wait.until) for wait in outcomes([away, back])] == [(2, 3)]


def test_a_turn_is_waited_for_from_the_newest_message_that_joined_it() -> None:
    customer = asked_and_answered(1, 2, 30)
    (message,) = customer.acknowledged.values()
    customer.acknowledged["another"], customer.acknowledged_at["another"] = message, 7
    assert [(wait.since, wait.until) for wait in outcomes([customer])] == [(7, 30)]


def test_what_is_seen_while_a_process_stands_still_is_the_faults_own_doing() -> None:
    struck = [Struck("frozen", 10, 20, 21), Struck("killed", 30, 40, 41)]
    seen = [(9, "before"), (15, "meanwhile"), (21, "as it goes on"), (25, "later"), (35, "killed")]
    assert apart_from({"frozen"}, struck, seen) == ["before", "later", "killed"]


def test_the_median_and_the_worst() -> None:
    assert spread([float(n) for n in range(200)]) == {"p50": 100, "p99": 198, "longest": 199, "of": 200}
    assert spread([]) == {"p50": None, "p99": None, "longest": None, "of": 0}
