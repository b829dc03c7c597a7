"""Structured logs: one line an event, with the ids of the request, conversation and turn."""

import logging
from typing import Any

import structlog

SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
NOISE = (
    "assistant.project.heartbeats.",
    "Scheduler: Sending due task",
    "GET /healthz/",
    "GET /metrics",
    "tasks.rescue_",
    "tasks.index_pending",
)
# Libraries whose INFO tells of each call, some with addresses and contents of requests.
QUIET = ("httpx", "httpx2", "httpcore", "openai", "uvicorn.access", "uvicorn.error", "watchfiles", "celery.redirected")


def without_noise(record: logging.LogRecord) -> bool:
    """False for what repeats every few seconds and says only that all is well."""
    return record.levelno > logging.INFO or not any(word in record.getMessage() for word in NOISE)


def configure_logging(log_format: str, level: str) -> dict[str, Any]:
    """Django's LOGGING for `log_format` text or json; logs go to standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED_PROCESSORS,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=False,
            pad_event_to=0,
            # Not rich's: that takes the interpreter for seconds, and shows what each variable held.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*SHARED_PROCESSORS, structlog.processors.format_exc_info],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": [without_noise]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {name: {"level": "WARNING"} for name in QUIET},
    }
