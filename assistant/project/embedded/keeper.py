"""`python -m assistant.project.embedded.keeper SERVICE...`: hold the services up while some command uses them.

Users hold the users' lock shared. Once nobody does, however they ended, the keeper gets it exclusively, stops the
services and ends.
"""

import os
import signal
import subprocess
import sys
import time

from assistant.project.embedded import locks, users

STOP_SECONDS = 20


def main() -> None:
    """Serve until the last user has gone, a service has died, or a signal says stop."""
    stopping: list[int] = []
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda number, _frame: stopping.append(number))
    presence = locks.open_lock(users.keeper_lock_file())
    locks.take(presence)
    users.keeper_pid_file().write_text(f"{os.getpid()}\n")
    servers = [start(service) for service in sys.argv[1:]]
    last_user_gone = locks.open_lock(users.lock_file())
    while not stopping and all(server.poll() is None for server in servers):
        if locks.take(last_user_gone, wait=False):
            break
        time.sleep(0.1)
    stop(servers)


def start(service: str) -> "subprocess.Popen[bytes]":
    """One server, which dies with this process."""
    return subprocess.Popen([sys.executable, "-m", "assistant.project.embedded.serve", service])


def stop(servers: "list[subprocess.Popen[bytes]]") -> None:
    """Stop all of them, by force those that do not end in time."""
    for server in servers:
        server.send_signal(signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    for server in servers:
        try:
            server.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            server.kill()


if __name__ == "__main__":
    main()
