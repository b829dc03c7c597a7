"""What breaks, each by a name of its own."""

from dataclasses import dataclass

from assistant.project.supervision import FORKS
from tests.faults import strikes
from tests.faults.strikes import Strike


@dataclass(frozen=True)
class Fault:
    """`strike` returns when the fault is over; for a process that was ended that is at once."""

    name: str
    strike: Strike


FAULTS = (
    Fault("web process killed", strikes.killed("web")),
    Fault("web process and workers killed", strikes.killed(FORKS)),
    Fault("worker of answers killed", strikes.killed("answers")),
    Fault("children of the workers killed", strikes.while_importing(strikes.children_killed)),
    Fault("worker of imports killed", strikes.while_importing(strikes.killed("ingestion"))),
    Fault("worker of housekeeping killed", strikes.killed("housekeeping")),
    Fault("beat killed", strikes.killed("beat")),
    Fault("beat frozen", strikes.stopped("beat")),
    Fault("broker killed", strikes.killed("broker")),
    Fault("database killed", strikes.killed("database")),
    Fault("web process frozen", strikes.frozen("web")),
    Fault("worker of answers frozen", strikes.frozen("answers")),
    Fault("broker frozen", strikes.frozen("broker")),
    Fault("database frozen", strikes.frozen("database")),
    Fault("web process restarted", strikes.told_to_go("web")),
    Fault("worker of answers restarted", strikes.told_to_go("answers")),
    Fault("web process and workers restarted", strikes.told_to_go(FORKS)),
    Fault("customers' connections cut", strikes.cut),
    Fault("customers cut off for 2 s every 10 s", strikes.dropped_again_and_again(3)),
    Fault("customers cut off for 16 s", strikes.everybody_away),
    Fault("customers' connections deaf", strikes.deaf),
    Fault("acknowledgements lost", strikes.acknowledgements_lost),
    Fault("network slow and in pieces", strikes.slow_and_in_pieces),
    Fault("model silent", strikes.model(fault="stall")),
    Fault("model stalls in mid-answer", strikes.model(fault="stall", after=4)),
    Fault("model limits its rate", strikes.model(fault="429")),
    Fault("model overloaded", strikes.model(fault="529")),
    Fault("model resets in mid-answer", strikes.model(fault="reset", after=4)),
    Fault("model sends what is malformed", strikes.model(fault="malformed", after=4)),
    Fault("model flaky", strikes.model(weather="flaky")),
    Fault("model unreachable", strikes.model_unreachable),
    Fault("model lost on the way", strikes.model_lost_on_the_way),
    Fault("broker emptied", strikes.broker_emptied),
    Fault("broker slow", strikes.broker_slow),
    Fault("broker's connections cut three times", strikes.broker_flaps),
    Fault("broker lost on the way", strikes.broker_lost_on_the_way),
    Fault("queues filled", strikes.queues_filled),
    Fault("tasks delivered twice", strikes.tasks_delivered_twice),
    Fault("database lost on the way", strikes.database_lost_on_the_way),
    Fault("database's connections ended", strikes.in_database(strikes.connections_ended)),
    Fault("database's connections used up", strikes.connections_used_up),
    Fault("database read-only", strikes.in_database(strikes.read_only)),
    Fault("tables locked", strikes.in_database(strikes.tables_locked)),
    Fault("clock two hours ahead and back", strikes.clock_moved(2)),
    Fault("clock two hours behind and back", strikes.clock_moved(-2)),
    Fault("clock a day ahead, and customers away for it", strikes.everybody_away_for_a_day),
)
# Each may end, or part from the database, the one process that sends mails, just when one is sent and not yet stored.
REPEATS_A_MAIL = {
    "web process and workers killed",
    "children of the workers killed",
    "worker of housekeeping killed",
    "database killed",
    "database frozen",
    "database lost on the way",
    "database's connections ended",
    "database's connections used up",
    "database read-only",
}
# Each keeps a process of the product, or its way to the database, in the middle of what it does: also of a transaction.
STANDS_STILL = {"web process frozen", "worker of answers frozen", "database frozen", "database lost on the way"}
# Each takes minutes, and strikes alone.
LONG_FAULTS = (
    Fault("customers cut off for 2 s every 10 s for 5 min", strikes.dropped_again_and_again(30)),
    Fault("models silent for 10 min", strikes.model(600, fault="stall")),
)
