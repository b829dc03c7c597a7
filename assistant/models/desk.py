"""The people and keys of a company: users, API keys, and what agents write for themselves."""

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An agent, or an admin, who may also use the desk."""

    class Role(models.TextChoices):
        AGENT = "agent", "Agent"
        ADMIN = "admin", "Admin"

    role = models.CharField(max_length=8, choices=Role, default=Role.AGENT)
    display_name = models.CharField(max_length=80, blank=True, help_text="What customers see.")
    avatar = models.CharField(max_length=500, blank=True, help_text="Address of a picture on this server.")
    available = models.BooleanField(default=True, help_text="Takes conversations while the desk is open.")
    desk_seen_at = models.DateTimeField(null=True, blank=True, help_text="Last heartbeat of an open desk.")
    sound = models.BooleanField(default=True)
    notifications = models.BooleanField(default=False)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep Django's flags in step with the role, the one thing an admin sets."""
        self.is_staff = self.is_superuser = self.role == self.Role.ADMIN
        super().save(*args, **kwargs)

    @property
    def public_name(self) -> str:
        return self.display_name or self.get_full_name() or self.username


class ApiKey(models.Model):
    """A key for the REST API; only its hash is stored."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, help_text="First characters, to tell keys apart.")
    key_hash = models.CharField(max_length=64, unique=True)
    collection = models.ForeignKey(
        "knowledge.Collection", null=True, blank=True, on_delete=models.CASCADE, help_text="Empty: every collection."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Note(models.Model):
    """A private remark of an agent; customers never see it and it takes no `seq`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey("assistant.Conversation", on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, null=True, on_delete=models.SET_NULL)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)


class Draft(models.Model):
    """What an agent has typed and not sent."""

    conversation = models.ForeignKey("assistant.Conversation", on_delete=models.CASCADE, related_name="drafts")
    author = models.ForeignKey(User, on_delete=models.CASCADE)
    text = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["conversation", "author"], name="draft_once_per_agent")]
