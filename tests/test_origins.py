"""Origins as an admin writes them, against origins as browsers send them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.origins import NotAnOrigin, exact_origin, exact_origins, origin_allowed


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://shop.example", "https://shop.example"),
        ("  HTTPS://Shop.Example  ", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("http://shop.example:80", "http://shop.example"),
        ("http://shop.example:443", "http://shop.example:443"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://münchen.example", "https://xn--mnchen-3ya.example"),
    ],
)
def test_an_origin_is_stored_as_browsers_send_it(written: str, sent: str) -> None:
    assert exact_origin(written) == sent


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("shop.example", "https://"),
        ("//shop.example", "https://"),
        ("ftp://shop.example", "https://"),
        ("javascript:alert(1)", "https://"),
        ("https:shop.example", "https://"),
        ("https://shop.example/", "leave out everything after the host"),
        ("https://shop.example/help", "/help"),
        ("https://shop.example?x=1", "leave out everything after the host"),
        ("https://shop.example#", "leave out everything after the host"),
        ("https://*.shop.example", "wildcards"),
        ("*", "wildcards"),
        ("https://user:secret@shop.example", "name and password"),
        ("https://good.example\\@evil.example", "spaces"),
        ("https://a.example https://b.example", "spaces"),
        ("https://", "host name"),
        ("https://-x.example", "host name"),
        ("https://shop.example:99999", "not an address"),
        ("null", "https://"),
    ],
)
def test_what_is_no_origin_is_refused_with_advice(written: str, advice: str) -> None:
    with pytest.raises(NotAnOrigin, match=r".") as refusal:
        exact_origin(written)
    assert advice in str(refusal.value)
    assert written.strip() in str(refusal.value)


def test_lines_are_read_one_by_one_and_kept_once() -> None:
    assert exact_origins("https://b.example\n\n https://a.example \nhttps://B.example\n") == [
        "https://b.example",
        "https://a.example",
    ]


def test_every_line_that_is_no_origin_is_named() -> None:
    with pytest.raises(NotAnOrigin) as refusal:
        exact_origins("shop.example\nhttps://good.example\nhttps://*.example\n")
    first, second = str(refusal.value).splitlines()
    assert first.startswith("shop.example: ")
    assert second.startswith("https://*.example: ")


@given(st.text(max_size=60))
def test_every_text_is_an_origin_or_refused_and_what_is_kept_is_stable(text: str) -> None:
    try:
        origin = exact_origin(text)
    except NotAnOrigin:
        return
    assert exact_origin(origin) == origin
    assert origin_allowed(origin, [origin])
