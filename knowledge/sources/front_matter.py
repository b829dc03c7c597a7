"""What an article says about itself before its text: YAML between `---`, TOML between `+++`."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import yaml
from frontmatter.default_handlers import YAMLHandler

from knowledge.sources.decoding import clean

MAX_BLOCK_LENGTH = 65_536
# The YAML reader's time grows with the square of the brackets left open.
MAX_BRACKETS = 500
_YAML = re.compile(r"\A\s*---[ \t]*\n(?:(.*?)\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_TOML = re.compile(r"\A\s*\+\+\+[ \t]*\n(?:(.*?)\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)
_PLAIN_PAIR = re.compile(r"^([A-Za-z_][\w-]{0,40}):[ \t]+(.+?)[ \t]*$", re.MULTILINE)
_LOCALE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")

Value = str | int | float | bool | date | datetime


@dataclass(frozen=True)
class FrontMatter:
    """The keys that mean something here; empty or None where the article is silent."""

    title: str = ""
    id: str = ""
    url: str = ""
    locale: str = ""
    audience: str = ""
    position: int | None = None
    written_at: datetime | None = None
    draft: bool = False


def split(source: str) -> tuple[FrontMatter, str]:
    """The front matter and the body. Broken front matter is read line by line; no body text is lost."""
    for pattern, load in ((_YAML, _load_yaml), (_TOML, _load_toml)):
        found = pattern.match(source)
        if found and len(found.group(1) or "") <= MAX_BLOCK_LENGTH:
            pairs = load(found.group(1) or "")
            if pairs is not None:
                return read(pairs), source[found.end() :]
    return FrontMatter(), source


def _load_yaml(block: str) -> Mapping[Any, Any] | None:
    try:
        if block.count("[") + block.count("{") > MAX_BRACKETS:
            raise ValueError("too tangled to be front matter")
        pairs = YAMLHandler().load(block)
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, OverflowError, RecursionError, LookupError):
        return dict(_PLAIN_PAIR.findall(block)) or None
    return {} if pairs is None else pairs if isinstance(pairs, Mapping) else None


def _load_toml(block: str) -> Mapping[Any, Any] | None:
    try:
        if block.count("[") + block.count("{") > MAX_BRACKETS:
            raise ValueError("too tangled to be front matter")
        return tomllib.loads(block)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        return None


def read(pairs: Mapping[Any, Any]) -> FrontMatter:
    """The known keys of a mapping, by any of their usual names, each checked."""
    known = {str(key).lower().replace("-", "_"): value for key, value in pairs.items() if isinstance(key, Value)}
    return FrontMatter(
        title=_text(known, "title"),
        id=_text(known, "id"),
        url=_web_address(_text(known, "url", "canonical_url", "canonical", "html_url", "permalink", "source_url")),
        locale=read_locale(_text(known, "locale", "lang", "language")),
        audience=_text(known, "audience", "user_type", "user_segment")[:100],
        position=_number(known, "position", "order", "weight", "nav_order", "sidebar_position"),
        written_at=_moment(
            known, "updated_at", "updated", "last_updated", "lastmod", "last_modified", "modified", "date", "created_at"
        ),
        draft=_is_draft(known),
    )


def _text(known: Mapping[str, Any], *names: str) -> str:
    for name in names:
        value = known.get(name)
        parts = value[:20] if isinstance(value, list) else [value]
        words = ", ".join(str(part) for part in parts if isinstance(part, Value) and not isinstance(part, bool))
        if words.strip():
            return " ".join(clean(words).split())
    return ""


def _number(known: Mapping[str, Any], *names: str) -> int | None:
    for name in names:
        value = known.get(name)
        if isinstance(value, int | float | str):
            try:
                return max(-(2**31), min(2**31 - 1, int(float(value))))
            except (ValueError, OverflowError):
                continue
    return None


def _moment(known: Mapping[str, Any], *names: str) -> datetime | None:
    for name in names:
        value = known.get(name)
        if isinstance(value, str):
            value = read_moment(value)
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime(value.year, value.month, value.day)
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None


def read_moment(words: str) -> datetime | None:
    """An ISO 8601 date or time, in UTC where it names no zone; None for anything else."""
    try:
        moment = datetime.fromisoformat(words.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_locale(words: str) -> str:
    """A language tag such as `en` or `pt-BR`; empty for anything else."""
    tag = words.strip().replace("_", "-")
    if len(tag) > 35 or not _LOCALE.fullmatch(tag):
        return ""
    language, *rest = tag.split("-")
    return "-".join([language.lower(), *(part.upper() if len(part) == 2 else part for part in rest)])


def _web_address(words: str) -> str:
    return words if re.match(r"https?://[^\s/]", words) and " " not in words and len(words) <= 2000 else ""


def _is_draft(known: Mapping[str, Any]) -> bool:
    says = {name: str(known[name]).strip().lower() for name in ("draft", "published", "status") if name in known}
    return (
        says.get("draft") in ("true", "yes", "1")
        or says.get("published") in ("false", "no", "0")
        or says.get("status") == "draft"
    )
