"""Turns: the queue of answers owed, each with a lease, and the completions they cost."""

import uuid

from django.db import models

from assistant.states import Decision, TurnStatus


class Turn(models.Model):
    """An answer owed. The row is the queue entry; `attempt` is the fencing number.

    Whoever claims it raises `attempt`; only the holder of the newest attempt may finish it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey("assistant.Conversation", on_delete=models.CASCADE, related_name="turns")
    status = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in TurnStatus], default=TurnStatus.QUEUED
    )
    attempt = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that died; bounded.")
    calls = models.PositiveIntegerField(default=0, db_default=0, help_text="Of models, over all attempts; bounded.")
    checks = models.PositiveIntegerField(default=0, db_default=0, help_text="Of its sentences, by a model; bounded.")
    owner = models.CharField(max_length=100, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    deadline_at = models.DateTimeField(help_text="All parts of the turn share this deadline.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    first_token_at = models.DateTimeField(null=True, blank=True)
    late_at = models.DateTimeField(null=True, blank=True, help_text="When it was told to take longer than usual.")
    finished_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=16, blank=True, choices=[(d.value, d.value) for d in Decision])
    reason = models.CharField(max_length=200, blank=True)
    confidence = models.FloatField(null=True, blank=True)
    question = models.TextField(blank=True, help_text="What was looked up: the standalone question.")
    explanation = models.JSONField(default=dict, help_text="Candidates, passages with revision, checks, timings.")
    prompt_version = models.CharField(max_length=64, blank=True)
    model = models.CharField(max_length=200, blank=True)
    partial_text = models.TextField(blank=True, help_text="Shown so far, kept for a stop.")
    partial_sources = models.JSONField(default=list, help_text="What the text shown so far cites.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"],
                condition=models.Q(status__in=["queued", "running"]),
                name="one_open_turn_per_conversation",
            )
        ]
        indexes = [models.Index(fields=["status", "lease_until"])]

    @property
    def asked(self) -> str:
        """The customer's own words, where they are kept; else what was looked up, with mistyped words put right."""
        return str(self.explanation.get("asked", {}).get("text") or self.question)


class Completion(models.Model):
    """One call of a model: what it cost and how long it took.

    Written before the call, or as it begins, as "started", which stays when its process is killed; completed after it.
    """

    turn = models.ForeignKey(Turn, null=True, on_delete=models.SET_NULL, related_name="completions")
    attempt = models.PositiveIntegerField(default=0)
    purpose = models.CharField(max_length=40, default="answer")
    kind = models.CharField(max_length=16, default="first", db_default="first", help_text="Why it was made.")
    model = models.CharField(max_length=200)
    provider = models.CharField(max_length=200, default="", db_default="", blank=True)
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    estimated = models.BooleanField(default=False, db_default=False, help_text="The server did not count the tokens.")
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)
    first_token_ms = models.FloatField(null=True)
    total_ms = models.FloatField(null=True)
    outcome = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField(null=True, help_text="Of HTTP, with which the server refused it.")
    created_at = models.DateTimeField(auto_now_add=True)


class Spend(models.Model):
    """What calls of models have cost, or may yet, under one cap: a conversation's, a widget's of a day, or a day's.

    Raised by what a call may cost at most, before it where there is a cap, and put right after it.
    """

    scope = models.CharField(max_length=16)
    key = models.CharField(max_length=64, help_text="Of the conversation, or the widget and the day.")
    usd = models.DecimalField(max_digits=14, decimal_places=6, default=0)
    tokens = models.PositiveBigIntegerField(default=0)
    day = models.DateField(null=True, help_text="In UTC.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="spend_once")]
