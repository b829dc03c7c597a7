"""Shapes of the API's requests. Fields that are not named here are refused, never ignored."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints


def storable(text: str) -> str:
    """Refuse what a database text cannot hold: NUL and lone surrogates."""
    if "\x00" in text:
        raise ValueError("must not hold NUL characters")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("must be valid Unicode, without lone surrogates") from None
    return text


def filled(text: str) -> str:
    """Refuse a text of white space only."""
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def web_address(text: str) -> str:
    """Refuse an address that is not http(s): citations link to it."""
    if text and not text.lower().startswith(("http://", "https://")):
        raise ValueError("must start with https:// or http://")
    return text


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC, which it is in where it names no zone. Refuse what no calendar holds in UTC."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 in UTC") from None


Text = Annotated[str, AfterValidator(storable)]
Filled = Annotated[Text, AfterValidator(filled)]
ArticleId = Annotated[Filled, StringConstraints(max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}$", max_length=35)]
Limit = Annotated[int, Field(ge=1, le=200)]


class Strict(Schema):
    """A request body or query: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid")


class AskIn(Strict):
    question: Annotated[Filled, StringConstraints(max_length=8000)]
    collection: Slug | None = None
    conversation: str | None = Field(
        default=None, description="Goes on with this one, which was begun by asking here or on the command line."
    )


class ArticleFields(Strict):
    title: Annotated[Filled, StringConstraints(max_length=500)]
    text: Annotated[Filled, StringConstraints(max_length=1_000_000)] = Field(description="Markdown")
    url: Annotated[Text, StringConstraints(max_length=2000), AfterValidator(web_address)] = ""
    locale: Locale | None = Field(default=None, description="Empty: told from the text, else the collection's.")
    status: Literal["published", "unpublished"] = "published"
    audience: Annotated[Text, StringConstraints(max_length=100)] | None = Field(
        default=None, description="Whom it is written for, as a note. Absent: stays as it is."
    )
    position: Annotated[int, Field(ge=-(2**31), lt=2**31)] | None = Field(
        default=None, description="Order among its neighbours. Absent: stays as it is."
    )
    written_at: Annotated[datetime, AfterValidator(in_utc)] | None = Field(
        default=None, description="Date of the article itself. Absent: stays as it is."
    )


class ArticleIn(ArticleFields):
    id: ArticleId
    collection: Slug | None = None


class CollectionQuery(Strict):
    collection: Slug | None = None


class ArticleQuery(CollectionQuery):
    locale: Locale | None = None
    status: Literal["published", "unpublished", "removed"] | None = None
    limit: Limit = 50
    after: Text | None = Field(default=None, max_length=200, description="The `next` of the page before.")


class ConversationQuery(CollectionQuery):
    status: Literal["assistant", "waiting", "agent", "resolved"] | None = None
    limit: Limit = 50
    after: Text | None = Field(default=None, max_length=200, description="The `next` of the page before.")


class MessageQuery(Strict):
    limit: Annotated[int, Field(ge=1, le=1000)] = 500
    after: Annotated[int, Field(ge=0, lt=2**63)] = Field(default=0, description="Messages with a higher `seq`.")
