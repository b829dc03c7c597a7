"""The gauges of /metrics that are read when they are asked for."""

import re
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from prometheus_client.core import GaugeMetricFamily

from assistant.conversations.channel import CHANNEL_NAME
from assistant.llm.failures import OUTCOMES
from assistant.models import Widget
from assistant.project import figures
from assistant.project.figures import (
    StoredFigures,
    database_connections,
    database_connections_allowed,
    longest_wait,
)
from tests.cast import make_widget
from tests.desk import scenes
from tests.faults.proxy import Proxy

ARTICLE = Path(settings.BASE_DIR) / "docs" / "help" / "operators" / "metrics.md"


@pytest.mark.django_db
def test_the_article_names_every_stored_figure_and_no_other() -> None:
    (line,) = re.findall("^Read from the database.*$", ARTICLE.read_text(), re.MULTILINE)
    shown = {family.name.removeprefix("answerdesk_") for family in StoredFigures().collect()}
    assert shown == set(re.findall("`([a-z_]+)`", line))


@pytest.mark.django_db(transaction=True)
def test_a_scrape_whose_broker_is_slow_waits_for_no_connection_beyond_its_end(
    network: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> GaugeMetricFamily:
        time.sleep(figures.DATABASE_SECONDS - figures.POOL_SECONDS + 1)
        return GaugeMetricFamily("answerdesk_slow", "Of a broker.", 1)

    monkeypatch.setattr(figures, "FIGURES", [slow, longest_wait])
    network.lose()
    began = time.monotonic()
    assert [family.name for family in StoredFigures().collect()] == ["answerdesk_slow"]
    assert time.monotonic() - began < figures.DATABASE_SECONDS


def test_the_article_names_what_becomes_of_a_call_of_a_model_and_nothing_else() -> None:
    _, _, behind = ARTICLE.read_text().partition("| outcome | means |")
    table, _, _ = behind.strip().partition("\n\n")
    assert re.findall("^[|] `([a-z_]+)` [|]", table, re.MULTILINE) == list(OUTCOMES)


@pytest.mark.django_db
def test_the_longest_wait_is_a_customers() -> None:
    channel = make_widget(active=False)
    Widget.objects.filter(pk=channel.pk).update(name=CHANNEL_NAME)
    scenes.waiting(channel, minutes=60)
    assert longest_wait().samples[0].value == 0
    scenes.waiting(make_widget(), minutes=5)
    assert 300 <= longest_wait().samples[0].value < 360


@pytest.mark.django_db
def test_connections_are_counted_by_what_they_do() -> None:
    with psycopg.connect(**connection.get_connection_params()) as one:
        one.execute("SELECT 1")
        doing = {sample.labels["state"]: sample.value for sample in database_connections().samples}
    assert doing["active"] >= 1  # ours, which asks
    assert doing["idle in transaction"] >= 1
    assert sum(doing.values()) < database_connections_allowed().samples[0].value
