"""`python -m assistant.project.processes NAME`: be one of the product's processes, under the supervisor."""

import logging.config
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

from assistant.project import supervision
from assistant.project.embedded import Problem, account, places, serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")
WEBSOCKET_FRAME_BYTES = 128 * 1024
WEBSOCKET_PING_SECONDS = 20.0
DRAIN_SECONDS = 10
# How long a thread that computes may keep the event loop waiting, each time that this lets go of the interpreter.
SWITCH_SECONDS = 0.001
# Above it a child is replaced after its task: the embedding model of an import is not kept beside the web's.
CHILD_KILOBYTES = 200_000


def main() -> None:
    """Run the process named on the command line until a signal stops it."""
    name = sys.argv[1]
    # Where rich can be imported, structlog loads it, 10 MB a process, for tracebacks that our logs do not use.
    sys.modules["rich"] = None  # type: ignore[assignment]
    account.die_with_parent(supervision.stop_signal(name))
    if name != "setup":
        prefix_output(name)
    places.write_pid(name)
    PROCESSES[name]()


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


def web() -> None:
    """HTTP and WebSockets. The application is imported while the migrations run, and once for all that serve."""
    import uvicorn
    from django.conf import settings

    from assistant.project import forks
    from assistant.project.connections import Connection

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
    from assistant.answering import warming
    from assistant.project import watchdog

    warming.load_tables()
    wait_until_prepared()
    forks.return_in_forks("web")
    supervision.forget_open_sockets()
    watchdog.start()
    sys.setswitchinterval(SWITCH_SECONDS)
    uvicorn.Server(configuration).run()


def worker(queue: str) -> None:
    """One Celery worker on one queue: slow imports never hold up answers. Web and set-up have the processor first.

    Turns wait for models and share one loop, a thread for the task of each. An import computes, and may take its
    process down: it gets one of its own. Short tasks need no second process that watches the first.
    """
    wait_until_prepared()
    from celery.exceptions import SecurityWarning
    from celery.utils.nodenames import host_format

    from assistant.project.celery import app

    warnings.simplefilter("ignore", SecurityWarning)  # root is fine: tasks travel as JSON
    os.environ["CELERY_SKIP_CHECKS"] = "1"  # they would import every page of the site
    from django.conf import settings

    options: dict[str, Any] = {
        "answers": {"pool_cls": "threads", "concurrency": settings.WORKER_TURNS},
        "ingestion": {"pool_cls": "prefork", "concurrency": 1, "max_memory_per_child": CHILD_KILOBYTES},
        "housekeeping": {"pool_cls": "solo", "concurrency": 1},
    }
    sys.setswitchinterval(SWITCH_SECONDS)
    # Not through Celery's command line, which brings 10 MB of interactive shell with it.
    running = app.Worker(
        hostname=host_format(f"{queue}@%h"),
        queues=[queue],
        loglevel=logging.INFO,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        # Nobody listens to its events; and one sent while the broker is gone would be tried for ever, so that a worker
        # told to stop along with the broker never ended.
        without_heartbeat=True,
        **options[queue],
    )
    running.start()
    sys.exit(running.exitcode)


def beat() -> None:
    """The clock of periodic tasks. It knows their names only, and so needs none of the product's memory.

    It remembers nothing either: every task of ours repeats within the hour.
    """
    wait_until_prepared()
    from celery import Celery, signals

    from assistant.project import settings
    from assistant.project.schedule import SCHEDULE

    os.environ.pop("DJANGO_SETTINGS_MODULE")  # which reading the settings has set; with it Celery would load Django

    clock = Celery("clock", broker=settings.REDIS_URL)
    clock.conf.update(
        beat_schedule=SCHEDULE,
        broker_transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS,
        task_default_queue=settings.CELERY_TASK_DEFAULT_QUEUE,
        task_routes=settings.CELERY_TASK_ROUTES,
        timezone="UTC",
    )
    signals.setup_logging.connect(lambda **_: logging.config.dictConfig(settings.LOGGING), weak=False)
    clock.Beat(scheduler="assistant.project.beat:Scheduler", loglevel="INFO", quiet=True).run()


def setup() -> None:
    """Prepare the database and the first run, and print what a person needs to begin."""
    import django

    django.setup()
    from assistant.project import first_run

    try:
        first_run.run()
    except Problem as problem:
        sys.exit(str(problem))


PROCESSES: dict[str, Callable[[], None]] = {
    "database": lambda: serve.serve("database"),
    "broker": lambda: serve.serve("broker"),
    "setup": setup,
    "web": web,
    "answers": lambda: worker("answers"),
    "ingestion": lambda: worker("ingestion"),
    "housekeeping": lambda: worker("housekeeping"),
    "beat": beat,
}

if __name__ == "__main__":
    main()
