"""Periodic tasks by name: what beat puts into which queue, how often (seconds), and when it is too late for one."""

from typing import Any

SCHEDULE: dict[str, dict[str, Any]] = {
    "canaries": {
        "task": "assistant.project.heartbeats.send_canaries",
        "schedule": 10.0,
        "options": {"expires": 30, "queue": "housekeeping"},
    },
    "rescue-imports": {"task": "knowledge.tasks.rescue_imports", "schedule": 60.0, "options": {"expires": 60}},
    "index-pending": {"task": "knowledge.tasks.index_pending", "schedule": 60.0, "options": {"expires": 60}},
    "rescue-turns": {
        "task": "assistant.answering.tasks.rescue_turns",
        "schedule": 5.0,
        "options": {"expires": 5, "queue": "answers"},
    },
    "send-mail": {
        "task": "assistant.conversations.tasks.send_mail",
        "schedule": 20.0,
        "options": {"expires": 20, "queue": "housekeeping"},
    },
    "housekeeping": {
        "task": "assistant.answering.tasks.housekeeping",
        "schedule": 1800.0,
        "options": {"expires": 600, "queue": "housekeeping"},
    },
}
