"""A worker whose acknowledgement got lost with its connection goes on consuming."""

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from kombu import Connection, Queue
from kombu.transport import redis as transport

from assistant.project import queue_places
from tests.faults.proxy import Proxy, proxied


@pytest.fixture
def network(embedded_services: None) -> Iterator[Proxy]:
    with proxied(urlsplit(settings.REDIS_URL).port or 0) as proxy:
        yield proxy


@pytest.mark.parametrize("how", ["ack", "reject", "requeue"])
def test_a_place_is_free_although_the_broker_could_not_be_told(
    network: Proxy, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport.Channel, "QoS", transport.Channel.QoS)
    queue_places.use()
    url = settings.REDIS_URL.replace(f":{network.target}/", f":{network.port}/")
    with Connection(url) as connection, connection.channel() as channel:
        queue = Queue(f"places-{how}", channel=channel)
        queue.declare()
        channel.basic_qos(0, 1, False)
        connection.Producer(channel).publish("work", routing_key=queue.name)
        message = queue.get()
        assert not channel.qos.can_consume()
        network.refusing = True
        network.cut()
        with contextlib.suppress(connection.connection_errors):
            getattr(message, how)()
        assert channel.qos.can_consume()
        network.heal()
