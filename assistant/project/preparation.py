"""The database made ready for the code: migrations and the default collection, by one process at a time."""

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType

from assistant.project.embedded import Problem
from assistant.project.embedded.commands import is_alone, needs_services
from assistant.project.safety import UnsafeConfiguration

# Any number will do, as long as nothing else in this database locks on it.
PREPARATION_LOCK = 7_239_001
WAIT_MS = 15 * 60 * 1000
SEARCHING_COMMANDS = {"ask", "evaluate", "ingest"}
UNPREPARED_COMMANDS = {"makemigrations", "migrate", "showmigrations", "sqlmigrate", "dbshell", "flush", "test"}


def prepare_for_command(arguments: list[str]) -> None:
    """Bring the database up to date before the command in `arguments` (sys.argv), unless it is about that itself.

    Raises Problem when the environment or the database does not let any command run.
    """
    if not needs_services(arguments) or arguments[1] in UNPREPARED_COMMANDS:
        return
    import django
    from django.db import OperationalError

    load_settings()
    django.setup()
    try:
        prepare_database()
        if arguments[1] in SEARCHING_COMMANDS and is_alone():
            _renew_index()
    except OperationalError as error:
        raise Problem(f"The database cannot be used: {error}") from error


def load_settings() -> ModuleType:
    """The settings module. Raises Problem when a value in the environment is unsafe or cannot be used."""
    try:
        from assistant.project import settings
    except UnsafeConfiguration as refusal:
        raise Problem(str(refusal)) from refusal
    except Exception as error:  # environs and the URL parsers raise kinds of their own
        raise Problem(f"The environment has a value that cannot be used: {error}") from error
    return settings


def prepare_database() -> None:
    """Apply pending migrations and create the default collection. Safe to call from many processes at once."""
    from django.core.management import call_command

    if _is_prepared():
        return
    with preparation_lock():
        call_command("migrate", interactive=False, verbosity=0)
        _create_default_collection()


def _renew_index() -> None:
    """What a worker of `make run` would do after a change of EMBEDDING_MODEL: this command is to use the new one."""
    from knowledge.embedding import EmbeddingUnavailable
    from knowledge.indexing import renew_index, renewal

    if (under_way := renewal()) is None:
        return
    print(f"Preparing {under_way.total} articles for {under_way.model}, once.", file=sys.stderr, flush=True)
    with contextlib.suppress(EmbeddingUnavailable):  # then the old index goes on answering
        renew_index()


@contextlib.contextmanager
def preparation_lock() -> Iterator[None]:
    """Hold the database-wide lock of set-up; a connection of its own, because a session owns such a lock."""
    import psycopg
    from django.conf import settings

    from assistant.project.database import NOTICED

    # Long without a word: signs of life keep what is in between from forgetting it, and show whether it is there.
    known = {name: settings.DATABASES["default"]["OPTIONS"][name] for name in NOTICED}
    limit = f"-c statement_timeout={WAIT_MS}"
    with psycopg.connect(settings.DATABASE_URL, autocommit=True, options=limit, **known) as session:
        session.execute("SELECT pg_advisory_lock(%s)", [PREPARATION_LOCK])
        yield


def has_pending_migrations() -> bool:
    """True when the code knows migrations that the database has not applied."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _is_prepared() -> bool:
    from knowledge.models import Collection

    return not has_pending_migrations() and Collection.objects.filter(slug="default").exists()


def _create_default_collection() -> None:
    from knowledge.models import Collection

    Collection.objects.get_or_create(slug="default", defaults={"name": "Help centre"})
