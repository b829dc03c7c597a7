"""What the environment may hold, and what a start refuses in words that name the variable."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.views.debug import get_default_exception_reporter_filter

from assistant.project import safety
from assistant.project.safety import (
    UnsafeConfiguration,
    proxy_networks,
    refuse_disorder,
    refuse_unpriced,
    refuse_unsafe,
)
from knowledge.tasks import IMPORT_LIMIT_SECONDS

LONG = "k" * 32
SETTINGS = str(Path(safety.__file__).with_name("settings.py"))


@pytest.mark.parametrize("entry", ["*", "nginx", "10.0.0.0/99", "10.0.0"])
def test_a_proxy_is_an_address_or_a_network(entry: str) -> None:
    with pytest.raises(ValueError, match="TRUSTED_PROXIES holds"):
        proxy_networks(["10.0.0.7", entry])


def test_proxies_are_kept_as_they_are_written() -> None:
    assert proxy_networks([" 10.0.0.7", "", "fd00::/8"]) == ["10.0.0.7", "fd00::/8"]


def test_the_inner_limit_acts_first() -> None:
    refuse_disorder({"FIRST": 1, "WHOLE": 2})
    for first in (0, 2, 3):
        with pytest.raises(ValueError, match=r"FIRST is . s: .* below WHOLE, 2 s"):
            refuse_disorder({"FIRST": first, "WHOLE": 2})


def test_budgets_fit_into_the_turns_deadline_as_they_stand_and_are_refused_where_they_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("MODELS_SECONDS", raising=False)
    monkeypatch.setenv("FIRST_TOKEN_BUDGET_SECONDS", "100")
    monkeypatch.setenv("TURN_DEADLINE_SECONDS", "110")
    assert runpy.run_path(SETTINGS)["MODELS_SECONDS"] == 105
    monkeypatch.setenv("MODELS_SECONDS", "110")
    with pytest.raises(ValueError, match=r"MODELS_SECONDS is 110 s: .* below TURN_DEADLINE_SECONDS, 110 s"):
        runpy.run_path(SETTINGS)


@pytest.mark.parametrize(
    ("url", "leaves"),
    [("", False), ("consolemail://", False), ("dummy://", False), ("smtp+tls://a:b@mail.example:587", True)],
)
def test_mail_leaves_where_a_server_sends_it(monkeypatch: pytest.MonkeyPatch, url: str, leaves: bool) -> None:
    monkeypatch.delenv("EMAIL_URL", raising=False)
    if url:
        monkeypatch.setenv("EMAIL_URL", url)
    assert runpy.run_path(SETTINGS)["MAIL_LEAVES"] is leaves


def test_who_lets_models_think_longer_has_them_left_to_a_worker_later(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MODELS_SECONDS", "HAND_OVER_SECONDS", "FIRST_TOKEN_BUDGET_SECONDS", "TURN_DEADLINE_SECONDS"):
        monkeypatch.delenv(name, raising=False)
    assert runpy.run_path(SETTINGS)["HAND_OVER_SECONDS"] == 20
    monkeypatch.setenv("MODELS_SECONDS", "30")
    assert runpy.run_path(SETTINGS)["HAND_OVER_SECONDS"] == 37.5


def test_a_cap_wants_the_price_of_every_model() -> None:
    refuse_unpriced({"CAP": 0.0}, ["large"])
    refuse_unpriced({"CAP": 1.0}, [])
    with pytest.raises(ValueError, match="CAP is set, so LLM_PRICES has to say what these models cost: large"):
        refuse_unpriced({"OTHER": 0.0, "CAP": 1.0}, ["large"])


def test_no_task_outlives_its_place_in_the_queue() -> None:
    longest = max(IMPORT_LIMIT_SECONDS + 300, settings.CELERY_TASK_TIME_LIMIT)
    assert longest < settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert settings.TURN_LEASE_RENEWAL_SECONDS * 3 < settings.TURN_LEASE_SECONDS


@pytest.mark.parametrize(
    ("host", "debug", "key", "hosts", "refused"),
    [
        ("127.0.0.1", False, "", ["*"], False),
        ("::1", False, "", ["*"], False),
        ("0.0.0.0", True, "", ["*"], False),
        ("0.0.0.0", False, "", ["shop.example"], True),
        ("0.0.0.0", False, "short", ["shop.example"], True),
        ("shop.example", False, LONG, ["*"], True),
        ("0.0.0.0", False, LONG, ["shop.example"], False),
    ],
)
def test_what_others_can_reach_is_served_with_a_key_and_names_of_its_own(
    host: str, debug: bool, key: str, hosts: list[str], refused: bool
) -> None:
    arguments = {"host": host, "debug": debug, "secret_key": key, "allowed_hosts": hosts}
    if refused:
        with pytest.raises(UnsafeConfiguration, match="HOST is"):
            refuse_unsafe(**arguments)
    else:
        refuse_unsafe(**arguments)


def test_the_wildcard_is_no_address_to_go_to() -> None:
    assert safety.served_address("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert safety.served_address("::1", 80) == "http://[::1]:80"


def test_the_error_page_shows_no_key_and_no_password(settings: Any) -> None:
    settings.LLM_FALLBACK_MODELS = ["small", "small@https://gsk_1@models.example/v1"]
    settings.GROUNDING_MODEL = "large@https://gsk_1@models.example/v1"
    settings.EMAIL_URL = "smtp://user:gsk_1@mail.example"
    settings.RERANK_BASE_URL = "https://models.example/v2"
    shown = get_default_exception_reporter_filter().get_safe_settings()
    assert "gsk_1" not in str(shown)
    assert shown["LLM_FALLBACK_MODELS"][0] == "small"
    assert shown["RERANK_BASE_URL"] == "https://models.example/v2"


def test_what_the_databases_address_asks_for_is_kept_beside_our_own_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "sslmode=verify-full&sslrootcert=/etc/ca.pem&options=-c%20search_path%3Dsupport"
    monkeypatch.setenv("DATABASE_URL", f"postgres://desk:secret@db.example:5432/desk?{asked}")
    options = runpy.run_path(SETTINGS)["DATABASES"]["default"]["OPTIONS"]
    assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/etc/ca.pem")
    assert options["options"].startswith("-c search_path=support -c idle_in_transaction_session_timeout=")
    assert options["pool"]["max_size"] == 10
    assert options["prepare_threshold"] == 5
    monkeypatch.setenv("DATABASE_URL", "postgres://desk:secret@pooler.example/desk?prepare_threshold=none")
    assert runpy.run_path(SETTINGS)["DATABASES"]["default"]["OPTIONS"]["prepare_threshold"] is None
