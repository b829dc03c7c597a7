"""Tasks reach our broker from every thread."""

from concurrent.futures import ThreadPoolExecutor

from celery import current_app
from django.conf import settings


def test_every_thread_sends_to_our_broker() -> None:
    with ThreadPoolExecutor(max_workers=1) as other:
        assert other.submit(lambda: current_app.conf.broker_url).result() == settings.REDIS_URL
