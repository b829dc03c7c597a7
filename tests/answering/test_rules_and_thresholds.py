import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import guardrails, rules, thresholds
from assistant.answering.confidence import Reading
from assistant.answers import Rule
from assistant.conversations.policy import rules_for
from assistant.models import EscalationRule
from assistant.states import Decision
from tests.cast import make_widget

COSTS = st.floats(thresholds.LEAST_COST, thresholds.MOST_COST)


@given(COSTS, st.floats(0, 1))
def test_an_answer_is_given_exactly_where_it_costs_no_more_than_a_handoff(cost, confidence):
    wrong, unneeded = cost * (1 - confidence), confidence
    if abs(wrong - unneeded) > 0.01 * cost:
        assert thresholds.applied(Reading(confidence, 0.4, {}), cost).answerable == (wrong <= unneeded)


@given(COSTS, COSTS)
def test_a_dearer_wrong_answer_asks_for_more_confidence(one, other):
    low, high = sorted((one, other))
    assert thresholds.threshold(low) <= thresholds.threshold(high)
    assert high - low < 0.001 or thresholds.threshold(low) < thresholds.threshold(high)


def test_the_recommended_cost_is_what_the_calibration_stands_for():
    reading = Reading(0.5, thresholds.threshold(thresholds.recommended_cost()), {})
    assert thresholds.applied(reading, None) is reading
    assert thresholds.applied(reading, thresholds.recommended_cost()).threshold == pytest.approx(
        reading.threshold, abs=1e-3
    )


@pytest.mark.parametrize(
    ("text", "every", "matches"),
    [
        ("I want my money back", False, ("money back",)),
        ("MONEY BACK now for the lost parcel", False, ("money back", "lost parcels")),
        ("They lost my parcels", False, ()),
        ("lost parcels and money back", True, ("money back", "lost parcels")),
        ("Can I have the money? Come back later", False, ()),
        ("lost parcels", True, ()),
    ],
)
def test_a_rule_matches_stems_that_stand_together(text, every, matches):
    found = rules.first_match(text, [Rule("Money", ("money back", "lost parcels"), every)])
    assert (found[1] if found else ()) == matches


@given(st.lists(st.sampled_from(["refund", "board", "lost", "parcel"]), max_size=6), st.text(max_size=40))
def test_a_phrase_is_found_wherever_it_stands(before, after):
    found = rules.first_match(f"{' '.join(before)} Chargebacks, {after}", [Rule("Bank", ("chargeback",))])
    assert found is not None


def test_no_phrase_matches_nothing():
    assert rules.first_match("anything", [Rule("Empty", ()), Rule("Dots", ("...",))]) is None


def test_a_rule_brings_a_person_in_its_own_words_and_is_named():
    laid_down = [Rule("Bulk orders", ("bulk order",), message="Our sales team takes over.")]
    verdict = guardrails.read("Do you discount bulk orders?", (), laid_down)
    assert (verdict.decision, verdict.reason) == (Decision.ESCALATE, "rule: Bulk orders")
    assert verdict.text == "Our sales team takes over."
    assert verdict.basis == {"rule": "escalation rule Bulk orders", "words": "bulk order"}


def test_a_matter_of_safety_goes_before_a_rule():
    assert guardrails.read("my charger caught fire", (), [Rule("Chargers", ("charger",))]).reason == "safety"


@pytest.mark.django_db
def test_a_widgets_own_rules_come_before_those_for_all():
    one, other = make_widget(), make_widget()
    EscalationRule.objects.create(name="All", phrases=["a"])
    EscalationRule.objects.create(name="Own", widget=one, phrases=["b"], match="all")
    EscalationRule.objects.create(name="Other", widget=other, phrases=["c"])
    EscalationRule.objects.create(name="Off", widget=one, phrases=["d"], active=False)
    assert [rule.name for rule in rules_for(one.pk)] == ["Own", "All"]
    assert rules_for(one.pk)[0].every
    assert [rule.name for rule in rules_for(None)] == ["All"]


def test_in_a_script_without_spaces_a_phrase_stands_anywhere():
    refund = Rule("Refunds", ("退款",), every=False, message="")
    assert rules.first_match("我要退款", [refund]) == (refund, ("退款",))
    assert rules.first_match("我要退货", [refund]) is None
