"""What a company has laid down for a widget's answers."""

import json

from django.db import connection

from assistant.answers import Rule
from assistant.models import EscalationRule

# Written out, as the ORM takes longer to write it than Postgres to answer it; every question asks it. Null comes last.
_RULES = """
SELECT name, phrases, match, message FROM assistant_escalationrule
WHERE active AND (widget_id = %s OR widget_id IS NULL) ORDER BY widget_id, id
"""


def rules_for(widget_id: int | None) -> tuple[Rule, ...]:
    """The escalation rules in force: the widget's own first, then those for all; without a widget these alone."""
    with connection.cursor() as cursor:
        cursor.execute(_RULES, [widget_id])
        rows = cursor.fetchall()
    return tuple(
        Rule(name, tuple(json.loads(phrases)), match == EscalationRule.Match.ALL, message)
        for name, phrases, match, message in rows
    )
