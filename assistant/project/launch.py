"""`python -m assistant.project.launch`: check what can be checked, then become the supervisor of the whole product."""

import fcntl
import os
import signal
import socket
import subprocess
import sys

from assistant.project import supervision
from assistant.project.embedded import Problem, account, addresses, locks, places, users
from assistant.project.preparation import load_settings

# Supervisor closes every inherited descriptor from 5 up, and keeps these two from its children.
PRODUCT_LOCK_DESCRIPTOR, USERS_LOCK_DESCRIPTOR = 3, 4


def main() -> None:
    """Start the product in the foreground; a message and exit status 1 at once when it cannot."""
    try:
        launch()
    except Problem as problem:
        sys.exit(f"Answerdesk cannot start. {problem}")


def launch() -> None:
    """Take the product's locks, settle addresses, write the configuration and exec the supervisor."""
    places.make_folders()
    keep_open = take_locks()
    addresses.settle()
    host, port = served_at()
    check_port(host, port)
    supervision.forget_last_run()
    (places.data_dir() / "staticfiles").mkdir(exist_ok=True)
    configuration = supervision.write_configuration()
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(supervision.metrics_dir())
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")  # each arena of a thread keeps what it once used
    append_output()
    if not can_reopen_output():
        pipe_output()
    for descriptor, place in zip(keep_open, (PRODUCT_LOCK_DESCRIPTOR, USERS_LOCK_DESCRIPTOR), strict=True):
        os.dup2(descriptor, place)
    if "MAKELEVEL" in os.environ:  # make itself may be killed
        account.die_with_parent(signal.SIGTERM)
    arguments = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--configuration", str(configuration)]
    os.chdir(supervision.CHECKOUT)
    os.execv(sys.executable, arguments)  # noqa: S606


def take_locks() -> tuple[int, int]:
    """The product's lock and a user's lock of the services, which the supervisor holds as long as it lives.

    Raises Problem when the product runs already. Servers that an earlier supervisor left behind are stopped.
    """
    product = locks.open_lock(users.product_lock_file())
    if not locks.take(product, wait=False):
        raise Problem(f"It is running already on DATA_DIR {places.data_dir()}: stop that one, or set another DATA_DIR.")
    user = locks.open_lock(users.lock_file())
    if locks.take(user, wait=False):
        users.stop_leftovers()
    locks.take(user, shared=True)
    # Copies far from 3 and 4, so that moving the one there cannot overwrite the other.
    return _copy_above(product, 50), _copy_above(user, 50)


def _copy_above(descriptor: int, least: int) -> int:
    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def served_at() -> tuple[str, int]:
    """HOST and PORT, once the settings as a whole have been read and found safe. Raises Problem."""
    settings = load_settings()
    return settings.HOST, settings.PORT


def check_port(host: str, port: int) -> None:
    """Raise Problem when HOST and PORT cannot be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise Problem(
            f"{host}:{port} cannot be served: {error.strerror}. Stop what uses it, or set another PORT (or HOST)."
        ) from error


def append_output() -> None:
    """Have everybody append to a file that output was redirected to: the supervisor opens it a second time."""
    for descriptor in (1, 2):
        fcntl.fcntl(descriptor, fcntl.F_SETFL, fcntl.fcntl(descriptor, fcntl.F_GETFL) | os.O_APPEND)


def can_reopen_output() -> bool:
    """False for a service manager's socket, and for the terminal or file of another user: that of `su`, say."""
    try:
        os.close(os.open("/dev/fd/1", os.O_WRONLY | os.O_APPEND | os.O_NOCTTY))
    except OSError:
        return False
    return True


def pipe_output() -> None:
    """Print through a pipe, which programs can open a second time; a Ctrl-C leaves the relay to its last lines."""
    relay = subprocess.Popen(["cat"], stdin=subprocess.PIPE, start_new_session=True)
    assert relay.stdin is not None
    os.dup2(relay.stdin.fileno(), 1)
    os.dup2(relay.stdin.fileno(), 2)


if __name__ == "__main__":
    main()
