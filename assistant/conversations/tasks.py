"""Celery tasks around conversations: thin. Nothing here is retried by Celery; the rows decide."""

from celery import shared_task

from assistant.conversations import mailing


@shared_task(name="assistant.conversations.tasks.send_mail")
def send_mail() -> int:
    """Send the answers that are due by e-mail. How many went. It ends itself: see mailing.ROUND_SECONDS."""
    return mailing.send_due()
