"""Widgets, users and API keys in the admin: what may be set, what is shown once, what asks first."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from assistant import keys
from assistant.conversations.selectors import ended_sessions
from assistant.conversations.services import accept_message
from assistant.models import ApiKey, EscalationRule, User, Widget
from assistant.states import Grounding
from knowledge.models import Collection, ImportRun
from tests.cast import client_id, make_visitor, make_widget

pytestmark = pytest.mark.django_db
WIDGET = {"name": "Help", "accent": "#3B5BDB", "greeting": "Hello", "suggestions": "One?\n\nTwo?\n", "active": "on",
          "grounding": "after"}  # fmt: skip


def add_widget(office: Client, shop: Collection, origins: str) -> dict[str, list[str]]:
    address = reverse("admin:assistant_widget_add")
    response = office.post(address, {**WIDGET, "collection": shop.pk, "allowed_origins": origins})
    return {} if response.status_code == 302 else dict(response.context["adminform"].form.errors)


def test_a_widget_is_stored_with_exact_origins_and_lines(office: Client, shop: Collection) -> None:
    assert add_widget(office, shop, "https://Shop.example:443\nhttp://localhost:3000") == {}
    widget = Widget.objects.get()
    assert widget.allowed_origins == ["https://shop.example", "http://localhost:3000"]
    assert widget.suggestions == ["One?", "Two?"]
    assert widget.accent == "#3b5bdb"
    assert widget.grounding == Grounding.AFTER
    page = office.get(reverse("admin:assistant_widget_change", args=[widget.pk])).content.decode()
    assert f"data-widget=&quot;{widget.key}&quot;" in page


def test_what_a_wrong_answer_and_models_may_cost_is_stored_and_bounded(
    office: Client, shop: Collection, settings: Any
) -> None:
    address = reverse("admin:assistant_widget_add")
    filled = {**WIDGET, "collection": shop.pk, "allowed_origins": ""}
    refused = office.post(address, {**filled, "wrong_answer_cost": "0"})
    assert "wrong_answer_cost" in refused.context["adminform"].form.errors
    settings.LLM_FALLBACK_MODELS = ["large@https://models.example/v1"]
    both = ["gpt-5-mini=1/2", "large=1/2"]
    for priced, cap in (([], "1"), (both[:1], "1"), (both, "-1")):
        settings.LLM_PRICES = priced
        refused = office.post(address, {**filled, "cost_cap_day_usd": cap})
        assert "cost_cap_day_usd" in refused.context["adminform"].form.errors
    capped = {"cost_cap_conversation_usd": "0.25", "cost_cap_day_usd": "0"}
    assert office.post(address, {**filled, "wrong_answer_cost": "3", **capped}).status_code == 302
    widget = Widget.objects.get()
    assert (widget.cost_cap_conversation_usd, widget.cost_cap_day_usd) == (Decimal("0.25"), 0)
    assert Widget.objects.get().wrong_answer_cost == 3
    assert add_widget(office, shop, "") == {}
    assert Widget.objects.latest("pk").wrong_answer_cost is None


def test_an_escalation_rule_is_stored_with_its_lines(office: Client, shop: Collection) -> None:
    address = reverse("admin:assistant_escalationrule_add")
    filled = {"name": "Bulk", "match": "any", "active": "on", "phrases": "bulk order\n\n wholesale "}
    assert "holds no word" in office.post(address, {**filled, "phrases": "..."}).content.decode()
    assert office.post(address, filled).status_code == 302
    assert EscalationRule.objects.get().phrases == ["bulk order", "wholesale"]
    assert "bulk order, wholesale" in office.get(reverse("admin:assistant_escalationrule_changelist")).content.decode()


def test_a_trial_follows_the_rules_of_the_chosen_widget(office: Client, shop: Collection) -> None:
    widget = make_widget()
    EscalationRule.objects.create(name="Bulk", phrases=["bulk order"], widget=widget)
    asked = {"question": "Do you take bulk orders?", "collection": shop.slug, "locale": "en", "widget": widget.pk}
    assert "Settings of" in office.get(reverse("insights:try")).content.decode()
    page = office.post(reverse("insights:try"), asked).content.decode()
    assert "Rule: Bulk" in page
    assert "<dt>Rule</dt><dd>escalation rule Bulk</dd>" in page
    assert "<dt>Words</dt><dd>bulk order</dd>" in page


def test_a_bad_origin_is_explained_and_nothing_is_kept(office: Client, shop: Collection) -> None:
    assert "after the host" in add_widget(office, shop, "https://shop.example/help")["allowed_origins"][0]
    assert not Widget.objects.exists()


def test_the_secret_is_replaced_only_after_asking(office: Client, shop: Collection) -> None:
    widget = make_widget()
    address = reverse("admin:assistant_widget_regenerate", args=[widget.pk])
    assert "refused at once" in office.get(address).content.decode()
    before = widget.secret
    widget.refresh_from_db()
    assert widget.secret == before
    office.post(address)
    widget.refresh_from_db()
    assert widget.secret != before


def test_the_form_cannot_set_key_or_secret(office: Client, shop: Collection) -> None:
    widget = make_widget()
    address = reverse("admin:assistant_widget_change", args=[widget.pk])
    fields = {**WIDGET, "collection": shop.pk, "allowed_origins": "", "key": "wk_mine", "secret": "mine"}
    assert office.post(address, fields).status_code == 302
    after = Widget.objects.get(pk=widget.pk)
    assert (after.key, after.secret, after.name) == (widget.key, widget.secret, "Help")


def test_an_agent_is_created_with_a_password_and_no_rights_here(office: Client) -> None:
    fields = {"username": "sasha", "role": "agent", "display_name": "Sasha", "email": "",
              "password1": "a quiet green lamp", "password2": "a quiet green lamp", "is_superuser": "on"}  # fmt: skip
    assert office.post(reverse("admin:assistant_user_add"), fields).status_code == 302
    agent = User.objects.get(username="sasha")
    assert agent.check_password("a quiet green lamp")
    assert (agent.role, agent.is_staff, agent.is_superuser) == ("agent", False, False)


@pytest.mark.parametrize("change", [{"role": "agent", "is_active": "on"}, {"role": "admin"}])
def test_admins_do_not_lock_themselves_out(office: Client, admin_user: User, change: dict[str, str]) -> None:
    address = reverse("admin:assistant_user_change", args=[admin_user.pk])
    response = office.post(address, {"username": "robin", "display_name": "", "email": "", "avatar": "", **change})
    assert "ask another admin" in response.content.decode()
    admin_user.refresh_from_db()
    assert (admin_user.role, admin_user.is_active) == ("admin", True)


def test_a_new_password_ends_the_old_sessions(office: Client) -> None:
    agent = User.objects.create_user("kim", password="correct horse", role=User.Role.AGENT)
    desk = Client()
    desk.force_login(agent)
    assert desk.get("/desk/account/").status_code == 200
    fields = {"password1": "a quiet green lamp", "password2": "a quiet green lamp", "usable_password": "true"}
    assert office.post(reverse("admin:auth_user_password_change", args=[agent.pk]), fields).status_code == 302
    assert desk.get("/desk/account/").status_code == 302


def test_a_key_is_shown_once_and_works_until_it_is_revoked(office: Client) -> None:
    response = office.post(reverse("admin:assistant_apikey_add"), {"name": "Importer", "collection": ""})
    (text,) = set(re.findall(r"ak_[\w-]{20,}", response.content.decode()))
    assert "no-store" in response["Cache-Control"]
    key = ApiKey.objects.get()
    assert keys.find(text) == key
    for page in ("admin:assistant_apikey_changelist", "admin:assistant_apikey_change"):
        shown = office.get(reverse(page, args=[key.pk] if page.endswith("change") else [])).content.decode()
        assert text not in shown
        assert key.key_hash not in shown
    revoke = reverse("admin:assistant_apikey_revoke", args=[key.pk])
    office.get(revoke)
    assert keys.find(text) == key
    office.post(revoke)
    assert keys.find(text) is None


def test_a_customer_is_signed_out_after_asking(office: Client) -> None:
    visitor, other = (make_visitor(make_widget()) for _ in range(2))
    conversation = accept_message(None, visitor.session, client_id(), "Hello").message_event.conversation
    page = office.get(reverse("admin:assistant_conversation_change", args=[conversation.pk])).content.decode()
    address = reverse("admin:assistant_conversation_sign_out", args=[conversation.pk])
    assert address in page
    office.get(address)
    assert ended_sessions([visitor.session.pk, other.session.pk]) == set()
    assert office.post(address).status_code == 302
    assert ended_sessions([visitor.session.pk, other.session.pk]) == {visitor.session.pk}


def test_an_upload_is_queued_under_a_random_name(office: Client, shop: Collection) -> None:
    files = [SimpleUploadedFile("returns.md", b"# Returns\n\n30 days."), SimpleUploadedFile("evil.exe", b"MZ")]
    response = office.post(
        reverse("admin:knowledge_importrun_upload"), {"uploads": files, "collection": shop.pk}, follow=True
    )
    run = ImportRun.objects.select_related("source").get()
    assert run.source.location == "upload:returns.md"
    assert "returns" not in run.source.stored_as
    page = response.content.decode()
    assert "evil.exe was not taken" in page
    assert "Queued" in page


def test_an_empty_file_keeps_none_of_the_others_out(office: Client, shop: Collection) -> None:
    files = [SimpleUploadedFile("returns.md", b"# Returns"), SimpleUploadedFile("empty.md", b"")]
    office.post(reverse("admin:knowledge_importrun_upload"), {"uploads": files, "collection": shop.pk})
    taken = ImportRun.objects.values_list("source__location", flat=True)
    assert sorted(taken) == ["upload:empty.md", "upload:returns.md"]
