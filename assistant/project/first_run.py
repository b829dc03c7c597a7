"""The start of the product: a prepared database, and at the first start the demo's widget, users and help centre."""

import contextlib
import json
import os
import secrets
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import structlog
from django.conf import settings
from kombu.exceptions import OperationalError

from assistant import keys
from assistant.beginnings import DEMO_AGENT, FIRST_START
from assistant.conversations.channel import CHANNEL_NAME
from assistant.models import ApiKey, User, Widget
from assistant.project import safety, supervision
from assistant.project.demo_conversations import start_conversations
from assistant.project.preparation import preparation_lock, prepare_database
from knowledge.indexing import renewal
from knowledge.ingestion import ingest
from knowledge.models import Collection, Document
from knowledge.tasks import index_pending

log = structlog.get_logger(__name__)
HELP_CENTRE = Path(settings.BASE_DIR) / "docs" / "help"
SUGGESTIONS = [
    "How do I put the widget on my site?",
    "Which files can I upload as articles?",
    "What does Answerdesk cost?",
]


def run() -> None:
    """Make everything ready, wait until the product says so itself, and print what a person needs to begin."""
    wait_for_database()
    prepare_database()
    with preparation_lock():
        supervision.prepared_file().touch()
        begin()
        known = seed()
        load_help_centre(known)
    wait_for_web()
    renew_index()
    print("\n".join(["", *greeting(known), ""]), flush=True)


def wait_for_database() -> None:
    """Return once the database accepts connections, saying every ten seconds that it does not."""
    last_said = time.monotonic()
    while True:
        try:
            psycopg.connect(settings.DATABASE_URL, connect_timeout=5).close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() - last_said > 10:
                last_said = time.monotonic()
                log.warning("waiting for the database", error=str(error).strip())
        time.sleep(0.1)


def wait_for_web() -> None:
    """Return once /healthz/ready answers 200."""
    address = f"{safety.served_address(settings.HOST, settings.PORT)}/healthz/ready"
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)


def begin() -> None:
    """Note that the help centre is owed to an empty knowledge base, before anything says that we are ready."""
    if not Document.objects.exists():
        _write(_read() | {"help_centre": "loading"})


def seed() -> dict[str, Any]:
    """Create the demo widget, users and API key where there are none; what is known of them, from now or before."""
    known = _read()
    collection = Collection.objects.get(slug="default")
    known["widget"] = _demo_widget(collection, known.get("widget"))
    _allow_demo_page(known["widget"])
    if not User.objects.exists():
        known["admin"] = _create_user("admin", User.Role.ADMIN, "Robin")
        known["agent"] = _create_user(DEMO_AGENT[0], User.Role.AGENT, DEMO_AGENT[1])
    if not ApiKey.objects.exists():
        known["api_key"] = create_api_key("First key")
    _write(known)
    return known


def _demo_widget(collection: Collection, known_key: str | None) -> str | None:
    """Key of the first start's widget, made when no site has one yet; else of the one that the demo page shows."""
    for_sites = Widget.objects.exclude(name=CHANNEL_NAME, active=False)  # `ask` may have come before the first start
    if not for_sites.exists():
        return Widget.objects.create(name="Answerdesk", collection=collection, suggestions=SUGGESTIONS).key
    if for_sites.filter(key=known_key).exists():
        return known_key
    return for_sites.filter(active=True).order_by("id").values_list("key", flat=True).first()


def _allow_demo_page(key: str | None) -> None:
    """Let our own demo page show the demo widget, at today's address too."""
    ours = demo_origins(settings.PUBLIC_URL)
    for widget in Widget.objects.filter(key=key):
        missing = [origin for origin in ours if origin not in widget.allowed_origins]
        if missing:
            widget.allowed_origins = [*widget.allowed_origins, *missing]
            widget.save(update_fields=["allowed_origins"])


def demo_origins(public_url: str) -> list[str]:
    """The origins of the demo page: the public one, and both names of this machine when only it can come."""
    (public,) = safety.trusted_origins(public_url)
    for name, other in (("//127.0.0.1", "//localhost"), ("//localhost", "//127.0.0.1")):
        if name in public:
            return [public, public.replace(name, other)]
    return [public]


def _create_user(name: str, role: str, display_name: str) -> dict[str, str]:
    password = secrets.token_urlsafe(9)
    user = User(username=name, role=role, display_name=display_name)
    user.set_password(password)
    user.save()
    return {"name": name, "password": password, "stored": user.password}


def create_api_key(name: str) -> str:
    """A new key for the REST API; the database keeps its hash only."""
    return keys.issue(name)[1]


def load_help_centre(known: dict[str, Any]) -> None:
    """Load the demo help centre when it is owed, from now or from an earlier start that was interrupted."""
    if known.get("help_centre") != "loading":
        return
    log.info("loading the demo help centre", folder=str(HELP_CENTRE))
    report = ingest([str(HELP_CENTRE)], "default", requested_by=FIRST_START)
    log.info("loaded the demo help centre", chunks=report.chunks, failures=report.failures)
    widget = Widget.objects.filter(key=known.get("widget")).first()
    if widget is not None:
        start_conversations(widget, User.objects.filter(role=User.Role.AGENT).first())
    known["help_centre"] = "loaded"
    _write(known)


def renew_index() -> None:
    """Have the articles embedded for another EMBEDDING_MODEL from now on; the periodic task would begin in a minute."""
    if renewal() is not None:
        with contextlib.suppress(OperationalError):  # the broker is away: it will be that minute
            index_pending.apply_async(retry=False, expires=60)


def greeting(known: dict[str, Any]) -> list[str]:
    """The lines to print: addresses, and what is still known of the first start's keys and passwords."""
    url = settings.PUBLIC_URL
    lines = [f"demo: {url}/", f"desk: {url}/desk/", f"administration: {url}/admin/"]
    if Widget.objects.filter(key=known.get("widget")).exists():
        lines.append(f"widget: {known['widget']}")
    lines += [_login_line(role, known[role]) for role in ("admin", "agent") if role in known]
    if "api_key" in known:
        lines.append(f"api key: {known['api_key']}")
    model = settings.LLM_MODEL if settings.GENERATIVE else "none: answers are quoted from the articles"
    return [
        *lines,
        f"model: {model}",
        f"These are kept in {supervision.first_run_file()}; delete it once you have noted them.",
    ]


def _login_line(role: str, entry: dict[str, str]) -> str:
    unchanged = User.objects.filter(username=entry["name"], password=entry["stored"]).exists()
    return f"{role}: {entry['name']} {entry['password'] if unchanged else '(password changed since)'}"


def _read() -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(supervision.first_run_file().read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return known


def _write(known: dict[str, Any]) -> None:
    fresh = supervision.first_run_file().with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps(known, indent=1))
    fresh.replace(supervision.first_run_file())
