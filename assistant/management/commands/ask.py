"""`manage.py ask "QUESTION"`: an answer on the command line, as the widget would give it."""

import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from assistant.answering.asking import Asked, ask
from assistant.answers import AnswerUnavailable
from assistant.conversations.errors import InvalidText, NotFound, TooLong
from assistant.models import Conversation
from knowledge.retrieval import UnknownCollection


class Command(BaseCommand):
    """Thin: a question in, an answer out. Every decision exits 0; 1 when unavailable, 2 for wrong usage."""

    help = "Answer a question from the help centre, as the widget would."

    def add_arguments(self, parser: CommandParser) -> None:
        """QUESTION [--conversation ID] [--collection SLUG] [--json]"""
        parser.add_argument("question")
        parser.add_argument(
            "--conversation", metavar="ID", help="go on with a conversation that was begun here or through the API"
        )
        parser.add_argument("--collection", metavar="SLUG", help='what to answer from, "default" unless given')
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the answer."""
        try:
            collection = options["collection"] or _collection_of(options["conversation"])
            asked = ask(options["question"], collection, options["conversation"])
        except UnknownCollection as error:
            raise CommandError("there is no such collection", returncode=2) from error
        except NotFound as error:
            raise CommandError(
                "there is no such conversation, or it is a customer's or another collection's", returncode=2
            ) from error
        except InvalidText as error:
            raise CommandError("the question is empty or no text", returncode=2) from error
        except TooLong as error:
            raise CommandError("the question is longer than 8,000 characters", returncode=2) from error
        except (AnswerUnavailable, DatabaseError) as error:
            raise CommandError(f"no answer can be given now: {error}", returncode=1) from error
        self.stdout.write(json.dumps(asked.as_json(), ensure_ascii=False) if options["json"] else _plain(asked))


def _collection_of(conversation_id: str | None) -> str:
    """The collection that a conversation is about; the default one when there is none."""
    if conversation_id:
        try:
            found = Conversation.objects.filter(pk=conversation_id).values_list("widget__collection__slug", flat=True)
            return str(found.get())
        except (ValueError, Conversation.DoesNotExist, ValidationError) as error:
            raise NotFound from error
    return "default"


def _plain(asked: Asked) -> str:
    lines = [asked.answer.text, ""]
    lines += [f"[{s.n}] {s.title}{f' › {s.heading}' if s.heading else ''}: {s.url}" for s in asked.answer.sources]
    lines.append(f"{asked.answer.decision} ({asked.answer.reason}), conversation {asked.conversation}")
    return "\n".join(lines)
