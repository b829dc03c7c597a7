"""The outbox: answers on their way to customers' e-mail addresses."""

from django.db import models


class Outgoing(models.Model):
    """One answer to be mailed, written with the answer. The row is the queue entry; `attempts` is the fencing number.

    Whoever claims it raises `attempts`; only the holder of the newest may settle it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENT = "sent", "Sent"
        SEEN = "seen", "Not needed: read in the chat"
        HELD = "held", "Held back: too many"
        FAILED = "failed", "Failed"

    message = models.OneToOneField("assistant.Message", on_delete=models.CASCADE, related_name="outgoing")
    address = models.EmailField()
    mailbox = models.CharField(max_length=254, help_text="The address as limits count it: small letters, no +tag.")
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, help_text="Why it was not sent.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "e-mail"
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state="queued"), name="outgoing_due"),
            models.Index(fields=["mailbox", "sent_at"], name="outgoing_sent_to"),
            models.Index(fields=["sent_at"], name="outgoing_sent_at"),
        ]

    def __str__(self) -> str:
        return f"E-mail to {self.address}"
