"""What the overview says on top while something is degraded."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect
from pytest_django import Settings

from assistant.models import User

pytestmark = pytest.mark.django_db(transaction=True)
WELL = {"database": "ok", "broker": "ok", "worker": "ok", "beat": "ok", "model": "ok"}
REFUSED = "the last 3 calls failed (HTTP 401: the key was refused)"
Overview = Callable[..., Page]


@pytest.fixture
def overview(page: Page, site: str, settings: Settings) -> Overview:
    """Opens the overview of a product with a model, whose health is as told."""
    settings.GENERATIVE, settings.LLM_MODEL, settings.LLM_FALLBACK_MODELS = True, "echo", []
    admin = User.objects.create_user("robin", password="correct horse", role=User.Role.ADMIN)
    client = Client()
    client.force_login(admin)
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": site}])

    def opened(**said: Any) -> Page:
        def answer(route: Route) -> None:
            body = {"status": "", "dependencies": {**WELL, **said}, "degraded": []}
            route.fulfill(body=json.dumps(body), content_type="application/json")

        page.unroute("**/healthz/ready")
        page.route("**/healthz/ready", answer)
        page.goto(f"{site}/admin/")
        expect(page.get_by_text("Checking…")).to_have_count(0)
        return page

    return opened


@pytest.mark.parametrize("width", [360, 1440])
def test_a_failing_model_is_said_in_the_first_screen_with_what_it_means(overview: Overview, width: int) -> None:
    page = overview()
    note = page.locator("[data-degraded]")
    expect(note).to_be_hidden()
    page.set_viewport_size({"width": width, "height": 640})
    overview(model=REFUSED)
    expect(note).to_have_text(
        f"Model: {REFUSED}. Answers are quoted from your articles until it is back. See Health", use_inner_text=True
    )
    expect(note).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    note.get_by_role("link", name="See Health").click()
    expect(page.get_by_role("heading", name="Health")).to_be_in_viewport()


def test_a_further_call_that_failed_is_shown_and_not_read_out_anew(overview: Overview) -> None:
    page = overview(model=REFUSED)
    note = page.locator("[data-degraded]")
    expect(note).to_have_attribute("aria-live", "polite")
    further = {"dependencies": {**WELL, "model": REFUSED.replace("3", "4")}}
    page.route("**/healthz/ready", lambda route: route.fulfill(json=further))
    expect(note).to_contain_text("the last 4 calls failed", timeout=20_000)
    expect(note).to_have_attribute("aria-live", "off")


def test_where_the_server_is_not_reachable_what_was_degraded_is_still_said(overview: Overview) -> None:
    page = overview(model=REFUSED)
    page.route("**/healthz/ready", lambda route: route.abort())
    expect(page.get_by_text("Not reachable")).to_be_visible(timeout=20_000)
    expect(page.locator("[data-degraded]")).to_contain_text(REFUSED)


def test_where_there_are_fallbacks_they_are_said_to_answer(overview: Overview, settings: Settings) -> None:
    settings.LLM_FALLBACK_MODELS = ["other"]
    expect(overview(model=REFUSED).locator("[data-degraded]")).to_contain_text("written by the fallback models, or")


def test_each_that_is_away_is_said_and_what_nobody_knows_or_has_only_begun_is_not(overview: Overview) -> None:
    away = overview(broker="away", worker="unknown, the broker is away", beat="starting", model="not known: x")
    note = away.locator("[data-degraded]")
    expect(note.locator("p")).to_have_count(1)
    expect(note).to_contain_text("Broker: away. Customers are answered")
    expect(away.locator(".ad-health .ad-bad")).to_have_text(["Away"])
    several = overview(worker="nobody consumes ingestion", beat="stands still")
    expect(several.locator("[data-degraded] strong")).to_have_text(["Workers:", "Periodic tasks:"])
    expect(several.locator("[data-degraded]").get_by_role("link")).to_have_count(1)
