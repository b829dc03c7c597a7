"""/metrics: the counters of every process, and gauges read from the database at each scrape."""

import os
import time
from collections.abc import Callable, Iterable, Iterator

import redis
from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from assistant import metrics  # noqa: F401  (registers the counters)
from assistant.conversations.channel import on_channel
from assistant.events.connection import waiting
from assistant.models import Conversation, Turn
from assistant.project import signs
from assistant.project.supervision import QUEUES
from assistant.states import OPEN_TURN_STATUSES, ConversationStatus
from knowledge.indexing import left_out_articles
from knowledge.models import Chunk, Document, ImportRun

# Another role's are counted too, without what they do.
CONNECTIONS = """
SELECT coalesce(state, 'unknown'), count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1
"""


def show(request: HttpRequest) -> HttpResponse:
    """Prometheus text."""
    counters: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counters = CollectorRegistry()
        MultiProcessCollector(counters)  # type: ignore[no-untyped-call]
    gauges = CollectorRegistry()
    gauges.register(StoredFigures())
    return HttpResponse(generate_latest(counters) + generate_latest(gauges), content_type=CONTENT_TYPE_LATEST)


# Of a scrape, which is given up after 10 s by default; the pool's are those in which it finds no connection.
DATABASE_SECONDS, POOL_SECONDS = 9.0, 5.0


class StoredFigures(Collector):
    """Gauges of what the database and the broker hold now; one that cannot be read is left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        until = time.monotonic() + DATABASE_SECONDS
        with waiting(until=until):
            for figure in FIGURES:
                if connection.connection is None and time.monotonic() + POOL_SECONDS > until:
                    return
                try:
                    yield figure()
                except OperationalError:
                    return
                except Exception:  # noqa: S112  a scrape shows what can be read; health says what is away
                    continue


def _gauge(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"answerdesk_{name}", text, labels=[label])
    for value, number in values:
        family.add_metric([value], number)
    return family


def conversations() -> GaugeMetricFamily:
    counted = Conversation.objects.values_list("status").annotate(Count("id"))
    found = {str(status): int(number) for status, number in counted}
    return _gauge("conversations", "By status.", "status", [(s.value, found.get(s, 0)) for s in ConversationStatus])


def longest_wait() -> GaugeMetricFamily:
    waiting = Conversation.objects.filter(status=ConversationStatus.WAITING, waiting_since__isnull=False)
    waiting = waiting.exclude(**on_channel("widget__"))  # where a program asked nobody waits for an agent to come
    oldest = waiting.order_by("waiting_since").values_list("waiting_since", flat=True).first()
    seconds = (timezone.now() - oldest).total_seconds() if oldest else 0.0
    return GaugeMetricFamily("answerdesk_longest_wait_seconds", "Of a customer waiting for a person.", seconds)


def open_turns() -> GaugeMetricFamily:
    counted = Turn.objects.filter(status__in=OPEN_TURN_STATUSES).values_list("status").annotate(Count("id"))
    found = {str(status): int(number) for status, number in counted}
    return _gauge(
        "turns_open", "Turns without outcome.", "status", [(s.value, found.get(s, 0)) for s in OPEN_TURN_STATUSES]
    )


def documents() -> GaugeMetricFamily:
    counted = Document.objects.values_list("status").annotate(Count("id"))
    return _gauge("documents", "Articles by status.", "status", [(str(s), n) for s, n in counted])


def left_out() -> GaugeMetricFamily:
    words = "Published articles whose indexing ended a process as often as it may."
    return GaugeMetricFamily("answerdesk_documents_left_out", words, left_out_articles().count())


def chunks() -> GaugeMetricFamily:
    return GaugeMetricFamily("answerdesk_chunks", "Chunks in every index generation.", Chunk.objects.count())


def imports() -> GaugeMetricFamily:
    counted = ImportRun.objects.values_list("state").annotate(Count("id"))
    return _gauge("import_runs", "Import runs by state.", "state", [(str(s), n) for s, n in counted])


def database_connections() -> GaugeMetricFamily:
    with connection.cursor() as cursor:
        cursor.execute(CONNECTIONS)
        return _gauge("database_connections", "To our database, by what they do.", "state", cursor.fetchall())


def database_connections_allowed() -> GaugeMetricFamily:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('max_connections')::int")
        (allowed,) = cursor.fetchone() or (0,)
    return GaugeMetricFamily(
        "answerdesk_database_connections_allowed", "That the server allows, to all its databases.", allowed
    )


def queue_depth() -> GaugeMetricFamily:
    with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as broker:
        prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
        depths = [(queue, float(broker.llen(f"{prefix}{queue}"))) for queue in QUEUES]
    return _gauge("queue_depth", "Tasks that no worker has taken.", "queue", depths)


def heartbeat_ages() -> GaugeMetricFamily:
    ages = [(name, age) for name, age in signs.ages_seconds().items() if age is not None]
    words = "Since the queue was last seen consumed; as queue `beat`, since the clock of periodic tasks last ticked."
    return _gauge("worker_heartbeat_age_seconds", words, "queue", ages)


# Those of the broker first: without a database the rest takes as long as it may.
FIGURES: list[Callable[[], GaugeMetricFamily]] = [
    queue_depth,
    heartbeat_ages,
    conversations,
    longest_wait,
    open_turns,
    documents,
    left_out,
    chunks,
    imports,
    database_connections,
    database_connections_allowed,
]
