"""Widgets, customers, and conversations with their messages and events."""

import secrets
import uuid

from django.core.validators import MinValueValidator
from django.db import models

from assistant.states import ConversationStatus, Decision, Grounding, Role


def new_widget_key() -> str:
    return f"wk_{secrets.token_urlsafe(12)}"


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Widget(models.Model):
    """A chat widget on a customer-facing site, and what it may answer from."""

    key = models.CharField(max_length=64, unique=True, default=new_widget_key, help_text="Public; in the embed line.")
    name = models.CharField(max_length=100, help_text="Shown to customers as the assistant's name.")
    collection = models.ForeignKey("knowledge.Collection", on_delete=models.PROTECT, related_name="widgets")
    allowed_origins = models.JSONField(
        default=list, blank=True, help_text='Sites that may show the widget, such as "https://shop.example".'
    )
    secret = models.CharField(max_length=64, default=new_secret, help_text="Signs customers' identities.")
    accent = models.CharField(max_length=7, default="#3b5bdb")
    greeting = models.TextField(blank=True, default="Hello, how can we help?")
    suggestions = models.JSONField(default=list, blank=True, help_text="Questions offered at first open.")
    grounding = models.CharField(
        "Check answers of a language model",
        max_length=16,
        default=Grounding.BEFORE,
        choices=[
            (Grounding.BEFORE.value, "Before each sentence is shown"),
            (Grounding.AFTER.value, "When the answer is complete"),
        ],
        help_text="Each sentence is held against the passages it cites. Checked before, customers never see a sentence "
        "that your articles do not support. Checked at the end, text appears sooner, and what is not "
        "supported disappears again.",
    )
    wrong_answer_cost = models.FloatField(
        "A wrong answer costs as much as",
        null=True,
        blank=True,
        help_text="In unneeded handoffs: questions given to a person although an article answers them. "
        "Empty: as recommended.",
    )
    cost_cap_conversation_usd = models.DecimalField(
        "Dollars for a conversation",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What a language model may cost in one conversation. Empty: as set up for all; 0: no cap.",
    )
    cost_cap_day_usd = models.DecimalField(
        "Dollars for a day",
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="What a language model may cost here in one day. Empty: as set up for all; 0: no cap.",
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class EscalationRule(models.Model):
    """Words of a customer's message that bring a person, as an admin laid down."""

    class Match(models.TextChoices):
        ANY = "any", "Any of them"
        ALL = "all", "All of them"

    name = models.CharField(max_length=100, help_text="Agents see it as the reason of the handoff.")
    widget = models.ForeignKey(Widget, null=True, blank=True, on_delete=models.CASCADE, related_name="escalation_rules")
    phrases = models.JSONField(default=list)
    match = models.CharField("A message needs", max_length=3, choices=Match.choices, default=Match.ANY)
    message = models.TextField("What the customer is told", blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Customer(models.Model):
    """A visitor of one widget, until identified; then the person that the company's token names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    widget = models.ForeignKey(Widget, on_delete=models.CASCADE, related_name="customers")
    external_id = models.CharField(max_length=200, null=True, blank=True, help_text="`sub` of a proven identity.")
    name = models.CharField(max_length=200, blank=True)
    email = models.EmailField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["widget", "external_id"], name="customer_once_per_widget")]

    def __str__(self) -> str:
        return self.name or self.email or f"Visitor {str(self.id)[:4]}"


class Session(models.Model):
    """A customer's proof of being the same browser; only the token's hash is stored."""

    token_hash = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)


class Conversation(models.Model):
    """A thread between one customer and the assistant or an agent; `seq` heads its event log."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    widget = models.ForeignKey(Widget, on_delete=models.PROTECT, related_name="conversations")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="conversations", db_index=False)
    status = models.CharField(
        max_length=16, choices=[(s.value, s.value) for s in ConversationStatus], default=ConversationStatus.ASSISTANT
    )
    seq = models.PositiveBigIntegerField(default=0, help_text="Number of the last event; grows under the row's lock.")
    agent = models.ForeignKey(
        "assistant.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="conversations"
    )
    locale = models.CharField(max_length=35, default="en")
    contact_email = models.EmailField(blank=True, help_text="Where an answer may follow.")
    contact_page = models.CharField(
        max_length=2000, blank=True, default="", db_default="", help_text="Page on which the address was left."
    )
    handoff_reason = models.TextField(blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_message_at = models.DateTimeField(null=True, blank=True)
    agent_read_seq = models.PositiveBigIntegerField(default=0)
    customer_read_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["status", "-last_message_at"]),
            models.Index(fields=["customer", "-last_message_at"]),
        ]

    def __str__(self) -> str:
        return str(self.id)


class Event(models.Model):
    """One durable event, stored as the frame that every connection gets."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="events", db_index=False)
    seq = models.PositiveBigIntegerField()
    type = models.CharField(max_length=40)
    frame = models.JSONField(help_text="The frame of the chat protocol, seq included.")
    client_id = models.UUIDField(null=True, blank=True, help_text="Of the frame that caused it, for repeats.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="event_seq_once"),
        ]
        indexes = [models.Index(fields=["conversation", "client_id"])]


class Message(models.Model):
    """What somebody said. A customer's text is stored exactly as sent."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveBigIntegerField()
    role = models.CharField(max_length=16, choices=[(r.value, r.value) for r in Role])
    author = models.ForeignKey("assistant.User", null=True, blank=True, on_delete=models.SET_NULL)
    client_id = models.UUIDField(null=True, blank=True)
    turn = models.ForeignKey(
        "assistant.Turn", null=True, blank=True, on_delete=models.SET_NULL, related_name="messages"
    )
    text = models.TextField()
    decision = models.CharField(max_length=16, blank=True, choices=[(d.value, d.value) for d in Decision])
    stopped = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "client_id"], name="message_client_id_once"),
            models.UniqueConstraint(
                fields=["turn"], condition=models.Q(role=Role.ASSISTANT), name="one_assistant_message_per_turn"
            ),
        ]
        indexes = [models.Index(fields=["conversation", "seq"])]


class Citation(models.Model):
    """A source of a message: a snapshot, so that it outlives the article."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="citations", db_index=False)
    n = models.PositiveSmallIntegerField(help_text="Matches [n] in the text.")
    document = models.ForeignKey("knowledge.Document", null=True, on_delete=models.SET_NULL, related_name="+")
    revision = models.PositiveIntegerField(null=True)
    article = models.CharField(max_length=500)
    title = models.CharField(max_length=500)
    url = models.CharField(max_length=2000)
    heading = models.TextField(blank=True)
    quote = models.TextField()
    start = models.PositiveIntegerField(null=True, help_text="Of the quote, in code points of the revision's text.")
    end = models.PositiveIntegerField(null=True)
    score = models.FloatField()

    class Meta:
        ordering = ("n",)
        constraints = [models.UniqueConstraint(fields=["message", "n"], name="citation_n_once")]


class Feedback(models.Model):
    """A customer's rating of an assistant's message; the last one counts."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="feedback")
    rating = models.SmallIntegerField()
    comment = models.TextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)
