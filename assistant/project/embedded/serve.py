"""`python -m assistant.project.embedded.serve database|broker`: become that server.

The process holds the service's lock while it serves, and hands it on across exec. So a second one stands by until
every process of the first is gone, and no lock file can be stale.
"""

import os
import signal
import sys
import time

from assistant.project.embedded import account, addresses, locks, places, postgres, valkey
from assistant.project.embedded.places import Problem


def serve(service: str) -> None:
    """Wait for the service's lock, then become it; exit status 1 with a message when a person has to act."""
    parent = os.getppid()
    account.die_with_parent(signal.SIGTERM)
    if os.getppid() != parent:  # it died before the kernel was told to watch it
        sys.exit(1)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    lock = locks.open_lock(addresses.lock_file(service))
    locks.take(lock)
    os.set_inheritable(lock, True)
    places.be_known_as(service)
    try:
        places.check_space(places.data_dir())
        SERVERS[service]()
    except Problem as problem:
        print(problem, file=sys.stderr, flush=True)
        time.sleep(2)  # whoever restarts us should not spin
        sys.exit(1)


def serve_database() -> None:
    """Become Postgres, under the account that owns its data."""
    entry = addresses.recorded()["database"]
    owner = postgres.prepare(entry["password"])
    arguments = postgres.command(entry["port"])
    if owner is not None:
        capability = account.capability_to_reach([postgres.binaries(), places.postgres_dir()], owner)
        account.step_down(owner, capability)
    account.die_with_parent(signal.SIGINT)  # Postgres' fast shutdown
    os.execv(arguments[0], arguments)  # noqa: S606


def serve_broker() -> None:
    """Become Valkey, configured through a pipe."""
    entry = addresses.recorded()["broker"]
    reader, writer = os.pipe()
    os.write(writer, valkey.configuration(entry["port"], entry["password"]).encode())
    os.close(writer)
    os.dup2(reader, 0)
    os.chdir(places.run_dir())
    program = str(valkey.binary())
    os.execv(program, [program, "-"])  # noqa: S606


SERVERS = {"database": serve_database, "broker": serve_broker}

if __name__ == "__main__":
    serve(sys.argv[1])
