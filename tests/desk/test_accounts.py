"""Log-in, log-out, the password and the switches of the account menu."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assistant.desk import login_limits
from assistant.models import User

RIGHT = {"username": "alice", "password": "correct horse"}


def test_log_in_leads_to_the_page_that_was_asked_for(client: Client, alice: User) -> None:
    asked = client.get("/desk/?view=mine")
    assert asked.headers["Location"] == "/desk/login/?next=%2Fdesk%2F%3Fview%3Dmine"
    answer = client.post("/desk/login/", {**RIGHT, "next": "/desk/?view=mine"})
    assert answer.headers["Location"] == "/desk/?view=mine"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x()", "/\\evil.example/"])
def test_log_in_never_leads_to_another_site(client: Client, alice: User, target: str) -> None:
    assert client.post("/desk/login/", {**RIGHT, "next": target}).headers["Location"] == "/desk/"


def test_an_inactive_user_does_not_get_in(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.post("/desk/login/", RIGHT).status_code == 200
    assert client.get("/desk/").status_code == 302


def test_guessing_is_stopped_even_with_the_right_password_at_last(client: Client, alice: User) -> None:
    for _ in range(login_limits.ATTEMPTS_A_NAME):
        assert client.post("/desk/login/", {**RIGHT, "password": "wrong"}).status_code == 200
    answer = client.post("/desk/login/", RIGHT)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.content.decode()
    assert client.get("/desk/").status_code == 302


def test_guessing_at_the_administration_is_stopped_and_counts_with_the_desk(client: Client, alice: User) -> None:
    User.objects.create_user("boss", password="battery staple", role=User.Role.ADMIN)
    right = {"username": "boss", "password": "battery staple", "next": "/admin/"}
    for page in ("/admin/login/", "/desk/login/", "/admin/login/", "/desk/login/", "/admin/login/"):
        assert client.post(page, {**right, "password": "wrong"}).status_code == 200
    assert client.post("/admin/login/", right).status_code == 429
    assert client.get("/admin/").status_code == 302


def test_whoever_is_logged_in_cannot_wipe_the_count_of_another_name(desk: Client, client: Client) -> None:
    User.objects.create_user("boss", password="battery staple", role=User.Role.ADMIN)
    wrong = {"username": "boss", "password": "wrong"}
    for _ in range(login_limits.ATTEMPTS_A_NAME):
        client.post("/admin/login/", wrong)
        desk.post("/desk/login/", wrong)
    assert client.post("/admin/login/", wrong).status_code == 429


def test_another_address_may_still_log_in(client: Client, alice: User) -> None:
    for _ in range(login_limits.ATTEMPTS_A_NAME + 1):
        client.post("/desk/login/", {**RIGHT, "password": "wrong"})
    assert client.post("/desk/login/", RIGHT, REMOTE_ADDR="192.0.2.9").status_code == 302


def test_behind_our_proxy_the_browser_counts_and_elsewhere_the_header_is_a_lie(
    client: Client, alice: User, settings
) -> None:
    settings.TRUSTED_PROXIES = ["192.0.2.1"]

    def last_of_too_many(peer: str) -> int:
        for number in range(login_limits.ATTEMPTS_A_NAME):
            claimed = {"X-Forwarded-For": f"198.51.100.{number}"}
            client.post("/desk/login/", {**RIGHT, "password": "wrong"}, REMOTE_ADDR=peer, headers=claimed)
        return client.post(
            "/desk/login/", RIGHT, REMOTE_ADDR=peer, headers={"X-Forwarded-For": "198.51.100.9"}
        ).status_code

    assert last_of_too_many("203.0.113.5") == 429
    assert last_of_too_many("192.0.2.1") == 302


def test_many_names_from_one_address_are_stopped(client: Client, alice: User) -> None:
    for number in range(login_limits.ATTEMPTS_AN_ADDRESS):
        assert login_limits.allow("192.0.2.7", f"name{number}")
    assert not login_limits.allow("192.0.2.7", "one more")


def test_right_log_ins_are_not_limited(client: Client, alice: User) -> None:
    for _ in range(login_limits.ATTEMPTS_A_NAME * 2):
        assert client.post("/desk/login/", RIGHT).status_code == 302
        client.post("/desk/logout/")


def test_log_out_is_a_post(desk: Client) -> None:
    assert desk.get("/desk/logout/").status_code == 405
    assert desk.post("/desk/logout/").headers["Location"] == "/desk/login/"
    assert desk.get("/desk/").status_code == 302


def test_a_new_password_ends_the_other_sessions(desk: Client, alice: User, client: Client) -> None:
    client.force_login(alice)
    form = {"old_password": "correct horse", "new_password1": "battery staple 9", "new_password2": "battery staple 9"}
    assert desk.post("/desk/account/password/", form).headers["Location"] == "/desk/account/"
    assert desk.get("/desk/").status_code == 200
    assert client.get("/desk/").status_code == 302


def test_an_agent_changes_the_name_that_customers_see_and_nothing_else(desk: Client, alice: User) -> None:
    desk.post("/desk/account/", {"display_name": "Alice A.", "role": "admin", "is_superuser": "on", "username": "root"})
    alice.refresh_from_db()
    assert (alice.public_name, alice.role, alice.is_superuser, alice.username) == ("Alice A.", "agent", False, "alice")


def test_the_switches_are_stored(desk: Client, alice: User) -> None:
    assert desk.post("/desk/account/preferences/", {"notifications": "on"}).status_code == 204
    alice.refresh_from_db()
    assert (alice.available, alice.sound, alice.notifications) == (False, False, True)


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def upload(desk: Client, content: bytes, name: str = "me.png") -> str:
    answer = desk.post("/desk/account/", {"display_name": "Alice", "picture": SimpleUploadedFile(name, content)})
    return answer.content.decode()


def test_a_picture_is_shown_to_everybody_and_goes_when_replaced(
    desk: Client, alice: User, client: Client, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    upload(desk, PNG, "../../evil.html")
    alice.refresh_from_db()
    first = alice.avatar
    shown = client.get(first)
    assert (b"".join(shown), shown.headers["Content-Type"]) == (PNG, "image/png")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    upload(desk, PNG + b"other")
    assert client.get(first).status_code == 404
    desk.post("/desk/account/", {"display_name": "Alice", "remove_picture": "on"})
    alice.refresh_from_db()
    assert alice.avatar == ""
    assert list((tmp_path / "avatars").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"<svg onload=alert(1)>", "Choose a PNG"), (b"GIF89a", "Choose a PNG"), (PNG + b"0" * 600_000, "larger than")],
)
def test_what_is_no_small_picture_is_refused(
    desk: Client, alice: User, settings, tmp_path, content: bytes, words: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert words in upload(desk, content)
    alice.refresh_from_db()
    assert alice.avatar == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x", "..%2f..%2fsecret-key", "%2e%2e", "a.png"])
def test_no_other_file_is_served_as_a_picture(client: Client, db: None, name: str) -> None:
    assert client.get(f"/desk/avatars/{name}").status_code == 404
