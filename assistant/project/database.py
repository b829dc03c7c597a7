"""Postgres as Django is to use it: pooled, with limits, and found out where it is gone."""

from typing import Any

import dj_database_url

from assistant.events.connection import Connection

# Parameters of libpq, which disregards them for sockets of this machine's own. What was sent and not acknowledged is
# given up after 10 s (milliseconds); a server that owes an answer is asked for a sign after 10 s, then every 5.
NOTICED = {
    "tcp_user_timeout": 10_000,
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
_LIMITS = "-c idle_in_transaction_session_timeout=10000 -c lock_timeout=10000 -c statement_timeout=60000"
# A web process holds many waiting streams and few connections. After reconnect_timeout the pool begins anew with
# whoever asks: its pauses would else double for minutes, and a database that was away for one be missed for another.
_POOL = {
    "connection_class": Connection,
    "min_size": 0,
    "max_size": 10,
    "timeout": 5,
    "max_idle": 60,
    "max_lifetime": 600,
    "reconnect_timeout": 5,
}


def database_settings(url: str) -> dict[str, Any]:
    """The entry of DATABASES for an address, whose own options are kept."""
    known = dj_database_url.parse(url)
    asked = known.pop("OPTIONS", {})
    prepare = str(asked.pop("prepare_threshold", "5"))
    return {
        **known,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            **NOTICED,
            **asked,
            "pool": dict(_POOL),
            "options": f"{asked.get('options', '')} {_LIMITS}".strip(),
            # What is asked again is prepared: a question's dozen short statements cost more to plan than to run
            "server_side_binding": True,
            "prepare_threshold": int(prepare) if prepare.isdigit() else None,
        },
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
