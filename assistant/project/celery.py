"""The Celery application: queues `answers`, `ingestion` and `housekeeping`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "assistant.project.settings")

app = Celery("answerdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["knowledge", "assistant.answering", "assistant.desk"])
