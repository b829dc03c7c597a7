"""What the overview of the admin says: first steps, figures of the week, and what was not answered."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from assistant import beginnings
from assistant.answers import ASKED
from assistant.conversations.spending import caps_of_today
from assistant.llm.entries import shown
from assistant.models import Conversation, Turn, Widget
from assistant.states import ConversationStatus, Decision
from assistant.terms import words
from knowledge.languages import language_of_message
from knowledge.models import Document, ImportRun

ENGLISH_ONLY = "local"
QUESTIONS_READ = 100
# Who asks for a person is not left without an answer.
UNANSWERED = Q(decision__in=(Decision.ABSTAIN, Decision.ESCALATE)) & ~Q(reason=ASKED)
UNANSWERED_READ = 1_000
PERIOD = timedelta(days=7)
# Of a cap: what is left may be too little for a call.
NEAR_CAP = Decimal("0.9")


@dataclass(frozen=True)
class Step:
    """One thing to do on a new system, with where to do it."""

    title: str
    why: str
    link: str
    done: bool
    optional: bool = False


@dataclass(frozen=True)
class Model:
    """Who writes the answers. `name` is None when they are composed of quoted passages."""

    name: str | None
    server: str
    fallbacks: Sequence[str]


@dataclass(frozen=True)
class Figures:
    """Counts; those of conversations and turns concern the last seven days, `waiting` is now."""

    articles: int
    imports_open: int
    conversations: int
    answered: int
    unanswered: int
    waiting: int

    @property
    def answered_percent(self) -> int | None:
        """Share of the finished turns that got an answer; None when there were none."""
        turns = self.answered + self.unanswered
        return round(100 * self.answered / turns) if turns else None


@dataclass(frozen=True)
class Unread:
    """What the English search model finds little for: published articles, and of the newest questions."""

    articles: int
    questions: int


@dataclass(frozen=True)
class Unanswered:
    """The newest turn with a question, and how many there were with the same words."""

    turn: Turn
    times: int


@dataclass(frozen=True)
class Spent:
    """US dollars of today, under a cap or none."""

    widget: str
    usd: Decimal
    cap: Decimal | None


@dataclass(frozen=True)
class Spending:
    """What models took today (UTC) in all, and the widgets that are near their own cap or past it."""

    tokens: int
    everywhere: Spent
    near: Sequence[Spent]


def configured_model() -> Model:
    """The generative model of this installation."""
    if not settings.GENERATIVE:
        return Model(None, "", ())
    server = urlsplit(settings.OPENAI_BASE_URL).netloc or "api.openai.com"
    return Model(settings.LLM_MODEL, server, tuple(map(shown, settings.LLM_FALLBACK_MODELS)))


def first_steps() -> list[Step]:
    """What to do first, in order; what the first start made does none of it. A step that nobody needs is optional."""
    return [
        Step(
            "Bring in your articles",
            "Upload your help centre, or write an article here. Answers come from articles alone.",
            reverse("admin:knowledge_importrun_upload"),
            beginnings.has_own_articles(),
        ),
        Step(
            "Try a question",
            "See what customers would be told, and from which passages.",
            reverse("insights:try"),
            beginnings.question_was_tried(),
        ),
        Step(
            "Put the widget on your site",
            "Allow your site's address, then copy one line into its pages.",
            reverse("admin:assistant_widget_changelist"),
            _widget_is_out(),
        ),
        Step(
            "Invite an agent",
            "When the help centre has no answer, a person takes over at the desk.",
            reverse("admin:assistant_user_add"),
            beginnings.has_own_agent(),
        ),
        Step(
            "Connect a model",
            "Set OPENAI_API_KEY or OPENAI_BASE_URL and restart, to have answers written rather than quoted.",
            "",
            settings.GENERATIVE,
            optional=True,
        ),
        Step(
            "Connect your mail server",
            "Set EMAIL_URL and restart, to have answers follow who left. Until then nobody is asked for an address.",
            "",
            settings.MAIL_LEAVES,
            optional=True,
        ),
    ]


def _widget_is_out() -> bool:
    ours = {urlsplit(settings.PUBLIC_URL).hostname, "localhost", "127.0.0.1"}
    allowed = Widget.objects.filter(active=True).values_list("allowed_origins", flat=True)
    return any(urlsplit(origin).hostname not in ours for origins in allowed for origin in origins)


def figures(now: datetime) -> Figures:
    """The counts of the seven days before `now`."""
    turns = Turn.objects.filter(finished_at__gte=now - PERIOD)
    return Figures(
        articles=Document.objects.filter(status=Document.Status.PUBLISHED).count(),
        imports_open=ImportRun.objects.filter(state__in=["queued", "running"]).count(),
        conversations=Conversation.objects.filter(seq__gt=0, created_at__gte=now - PERIOD).count(),
        answered=turns.filter(decision=Decision.ANSWER).count(),
        unanswered=turns.filter(UNANSWERED).count(),
        waiting=Conversation.objects.filter(status=ConversationStatus.WAITING).count(),
    )


def unread_languages(now: datetime) -> Unread | None:
    """What is not in English while search reads English alone; None where nothing is, or search reads more."""
    if settings.EMBEDDING_MODEL != ENGLISH_ONLY:
        return None
    articles = Document.objects.filter(status=Document.Status.PUBLISHED).exclude(locale__istartswith="en")
    asked = Turn.objects.filter(finished_at__gte=now - PERIOD).exclude(question="").order_by("-finished_at")
    spoken = map(language_of_message, asked.values_list("question", flat=True)[:QUESTIONS_READ])
    counted = Unread(articles.count(), sum(language not in (None, "en") for language in spoken))
    return counted if counted.articles or counted.questions else None


def unanswered_questions(now: datetime, limit: int = 8) -> list[Unanswered]:
    """The newest questions of the last seven days that got no answer, each with how often it was asked."""
    turns = Turn.objects.filter(UNANSWERED, finished_at__gte=now - PERIOD).exclude(question="")
    newest = turns.order_by("-finished_at").values_list("pk", "question", "conversation__widget__collection_id")
    alike = defaultdict[tuple[str, int], list[UUID]](list)
    for pk, question, collection in newest[:UNANSWERED_READ]:
        alike[" ".join(words(question)) or question, collection].append(pk)
    first = list(islice(alike.values(), limit))
    whole = Turn.objects.select_related("conversation__widget__collection").in_bulk([group[0] for group in first])
    return [Unanswered(whole[group[0]], len(group)) for group in first if group[0] in whole]


def spending() -> Spending | None:
    """What models took today; None where none is configured, or what they cost is not known."""
    if not settings.GENERATIVE or not settings.LLM_PRICES:
        return None
    _, everywhere = caps_of_today(0, None)
    tokens = everywhere.rows().values_list("tokens", flat=True).first()
    own = [(each.name, *_spent_here(each)) for each in Widget.objects.filter(active=True).order_by("name")]
    near = [Spent(name, usd, cap) for name, usd, cap in own if cap is not None and usd >= cap * NEAR_CAP]
    return Spending(tokens or 0, Spent("", everywhere.spent(), everywhere.usd), near)


def _spent_here(widget: Widget) -> tuple[Decimal, Decimal | None]:
    here, _ = caps_of_today(widget.pk, widget.cost_cap_day_usd)
    return here.spent(), here.usd
