"""Real Postgres and Valkey for the tests: those of DATABASE_URL and REDIS_URL, else embedded ones, started when used.

The DATA_DIR is a temporary one in any case, and whatever else the shell configures does not reach the tests: above
all no key of a paid model.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

CONFIGURED_BY_SHELLS = (
    "ALLOWED_HOSTS",
    "CACHE_URL",
    "DEBUG",
    "DEFAULT_FROM_EMAIL",
    "EMAIL_URL",
    "EMBEDDING_MODEL",
    "EMBEDDING_PASSAGE_PREFIX",
    "EMBEDDING_QUERY_PREFIX",
    "HOST",
    "INLINE_TURNS",
    "LLM_FALLBACK_MODELS",
    "LLM_MODEL",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MAIL_AFTER_SECONDS",
    "MAIL_LIMIT_ADDRESS",
    "MAIL_LIMIT_WIDGET",
    "MAIL_REPLY_TO",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "PORT",
    "PUBLIC_URL",
    "RATE_LIMIT_ADDRESS",
    "RATE_LIMIT_VISITOR",
    "RERANK_API_KEY",
    "RERANK_BASE_URL",
    "RERANK_MODEL",
    "SECRET_KEY",
    "TRUSTED_PROXIES",
    "MAKELEVEL",
    "MAKEFLAGS",
)


def prepare_environment() -> None:
    """Point DATA_DIR at a new temporary folder and choose the addresses of the services there. Once a process."""
    for name in CONFIGURED_BY_SHELLS:
        os.environ.pop(name, None)
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="answerdesk-tests-")
    Path(os.environ["DATA_DIR"]).chmod(0o711)
    from assistant.project.embedded import addresses, places

    places.make_folders()
    addresses.settle()


@contextlib.contextmanager
def running() -> Iterator[None]:
    """The services answer for the length of the block."""
    from assistant.project.embedded.commands import services_for_command

    with services_for_command(["manage.py", "runtests"]):
        yield


def remove_data() -> None:
    """Delete the temporary DATA_DIR, which nothing uses any more."""
    shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)
