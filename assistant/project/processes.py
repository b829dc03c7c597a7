"""`python -m assistant.project.processes NAME ...`: be one of the product's processes, or all of these, supervised."""

import logging.config
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from assistant.project import supervision
from assistant.project.embedded import Problem, account, places, serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
WEBSOCKET_FRAME_BYTES = 128 * 1024
WEBSOCKET_PING_SECONDS = 20.0
DRAIN_SECONDS = 10
# How long a thread that computes may keep the event loop waiting, each time that this lets go of the interpreter.
SWITCH_SECONDS = 0.001
# With so much more than it began with a child is replaced after its task: the embedding model of an import is not kept
# beside the web's.
CHILD_GROWS_KILOBYTES = 90_000
# What a worker imports as it starts.
WORKERS_IMPORT = (
    "celery.apps.worker",
    "celery.concurrency.prefork",
    "celery.concurrency.solo",
    "celery.concurrency.thread",
    "celery.worker.consumer",
    "kombu.transport.redis",
)
Run = Callable[[], None]


def main() -> None:
    """Run the processes named on the command line until a signal stops them."""
    names = sys.argv[1:]
    # Where rich can be imported, structlog loads it, 10 MB a process, for tracebacks that our logs do not use.
    sys.modules["rich"] = None  # type: ignore[assignment]
    if names == ["setup"]:
        account.die_with_parent(supervision.stop_signal("setup"))
        setup()
    elif names[0] in places.SERVICES:
        become(names[0])
        serve.serve(names[0])
    else:
        fork(names)


def become(name: str) -> None:
    """End with the process that started this one, and be known by the name."""
    account.die_with_parent(supervision.stop_signal(name))
    prefix_output(name)
    places.be_known_as(name)


def fork(names: Sequence[str]) -> None:
    """Import what these processes need, once and while the migrations run, then run each in a fork of its own."""
    from assistant.project import forks

    output = os.dup(1)
    become(supervision.FORKS)
    runs = {name: FORKED[name]() for name in names}
    wait_until_prepared()
    name = forks.return_in_forks(names)
    for descriptor in (1, 2):
        os.dup2(output, descriptor)
    os.close(output)
    prefix_output(name)
    places.be_known_as(name)
    runs[name]()


def prefix_output(name: str) -> None:
    """Send each line that this process, or what it becomes, prints through sed, which puts the name before it."""
    prefixer = subprocess.Popen(["sed", "-u", f"s/^/{name:<12} | /"], stdin=subprocess.PIPE, start_new_session=True)
    assert prefixer.stdin is not None
    os.dup2(prefixer.stdin.fileno(), 1)
    os.dup2(prefixer.stdin.fileno(), 2)
    prefixer.stdin.close()
    prefixer.returncode = 0  # it ends with our output, and nobody waits for it


def wait_until_prepared() -> None:
    """Return once this run's set-up has applied the migrations."""
    while not supervision.prepared_file().exists():
        time.sleep(0.05)


def web() -> Run:
    """HTTP and WebSockets."""
    import uvicorn
    from django.conf import settings

    from assistant.project.connections import Connection
    from assistant.project.serving import Server

    configuration = uvicorn.Config(
        "assistant.project.asgi:application",
        host=settings.HOST,
        port=settings.PORT,
        log_config=None,
        access_log=False,
        lifespan="on",
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        server_header=False,
        ws=Connection,
        ws_max_size=WEBSOCKET_FRAME_BYTES,
        ws_per_message_deflate=False,
        ws_ping_interval=WEBSOCKET_PING_SECONDS,
        ws_ping_timeout=WEBSOCKET_PING_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    configuration.load()
    from assistant.project import watchdog

    def run() -> None:
        supervision.forget_open_sockets()
        watchdog.start()
        sys.setswitchinterval(SWITCH_SECONDS)
        Server(configuration).run()

    return run


def worker(queue: str) -> Run:
    """One Celery worker on one queue: slow imports never hold up answers.

    Turns wait for models and share one loop, a thread for the task of each. An import computes, and may take its
    process down: it gets one of its own. Short tasks need no second process that watches the first.
    """
    from celery.exceptions import SecurityWarning
    from celery.utils.nodenames import host_format
    from django.conf import settings

    from assistant.project.celery import app

    os.environ["CELERY_SKIP_CHECKS"] = "1"  # they would import every page of the site
    for module in WORKERS_IMPORT:
        import_module(module)
    app.loader.import_default_modules()

    def run() -> None:
        options: dict[str, dict[str, Any]] = {
            "answers": {"pool_cls": "threads", "concurrency": settings.WORKER_TURNS},
            "ingestion": {"pool_cls": "prefork", "concurrency": 1, "max_memory_per_child": _grown()},
            "housekeeping": {"pool_cls": "solo", "concurrency": 1},
        }
        warnings.simplefilter("ignore", SecurityWarning)  # root is fine: tasks travel as JSON
        sys.setswitchinterval(SWITCH_SECONDS)
        # Not through Celery's command line, which brings 10 MB of interactive shell with it.
        running = app.Worker(
            hostname=host_format(f"{queue}@%h"),
            queues=[queue],
            loglevel=logging.INFO,
            quiet=True,
            without_gossip=True,
            without_mingle=True,
            # Nobody listens to its events; and one sent while the broker is gone would be tried for ever, so that a
            # worker told to stop along with the broker never ended.
            without_heartbeat=True,
            **options[queue],
        )
        running.start()
        sys.exit(running.exitcode)

    return run


def _grown() -> int:
    """Kilobytes of a child that has grown too much: what a fork shares with who forked it counts as its own."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + CHILD_GROWS_KILOBYTES


def beat() -> Run:
    """The clock of periodic tasks. It remembers nothing: every task of ours repeats within the hour."""
    from celery import Celery, signals
    from django.conf import settings

    from assistant.project.schedule import SCHEDULE

    broker = settings.REDIS_URL  # read here, while the settings can still be found

    def run() -> None:
        os.environ.pop("DJANGO_SETTINGS_MODULE")  # with it Celery would set Django up
        clock = Celery("clock", broker=broker)
        clock.conf.update(
            beat_schedule=SCHEDULE,
            broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
            task_default_queue=settings.CELERY_TASK_DEFAULT_QUEUE,
            task_routes=settings.CELERY_TASK_ROUTES,
            timezone="UTC",
        )
        signals.setup_logging.connect(lambda **_: logging.config.dictConfig(settings.LOGGING), weak=False)
        clock.Beat(scheduler="assistant.project.beat:Scheduler", loglevel="INFO", quiet=True).run()

    return run


def setup() -> None:
    """Prepare the database and the first run, and print what a person needs to begin."""
    import django

    django.setup()
    from assistant.project import first_run

    try:
        first_run.run()
    except Problem as problem:
        sys.exit(str(problem))


# What imports a process's share, and returns what the process does.
FORKED: dict[str, Callable[[], Run]] = {
    "web": web,
    **{queue: partial(worker, queue) for queue in supervision.QUEUES},
    "beat": beat,
}

if __name__ == "__main__":
    main()
