"""What a company has laid down for a widget's answers."""

from django.db.models import Q

from assistant.answers import Rule
from assistant.models import EscalationRule


def rules_for(widget_id: int | None) -> tuple[Rule, ...]:
    """The escalation rules in force: the widget's own first, then those for all; without a widget these alone."""
    mine = Q(widget=None) if widget_id is None else Q(widget=None) | Q(widget_id=widget_id)
    found = EscalationRule.objects.filter(mine, active=True).order_by("widget_id", "pk")  # nulls last in Postgres
    return tuple(
        Rule(rule.name, tuple(rule.phrases), rule.match == EscalationRule.Match.ALL, rule.message) for rule in found
    )
