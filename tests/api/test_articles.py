"""Articles through the API: what goes in comes out, is answerable, and stays within the key's collection."""

from typing import Any

import pytest

from knowledge.models import Chunk, Document, Revision
from knowledge.retrieval import Query, retrieve
from tests.api.conftest import Caller

pytestmark = pytest.mark.django_db
TEXT = "## Returns\n\nYou may return a drone within 30 days. Pack it in its box."


def article(**fields: Any) -> dict[str, Any]:
    return {"id": "shop/returns", "title": "Returning a drone", "text": TEXT, **fields}


def test_an_article_goes_in_and_is_answerable_at_once(caller: Caller) -> None:
    response = caller.call("POST", "articles", article())
    assert response.status_code == 201, response.content
    body = response.json()
    assert body["id"] == "shop/returns"
    assert body["collection"] == "default"
    assert body["status"] == "published"
    assert body["revision"] == 1
    assert body["answerable_at"]
    found = retrieve(Query("How long may I return a drone?", "default"))
    assert [passage.article for passage in found.passages] == ["shop/returns"]
    assert caller.call("GET", "articles/shop/returns").json() == body


def test_the_same_id_again_is_refused_by_post_and_replaced_by_put(caller: Caller) -> None:
    caller.call("POST", "articles", article())
    refused = caller.call("POST", "articles", article())
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "exists")
    changed = {"title": "Returning a drone", "text": TEXT.replace("30", "60")}
    response = caller.call("PUT", "articles/shop/returns", changed)
    assert response.status_code == 200
    assert response.json()["revision"] == 2
    assert "60 days" in response.json()["text"]
    assert Revision.objects.count() == 2
    assert Document.objects.count() == 1


def test_what_is_not_given_again_stays(caller: Caller) -> None:
    about = {"audience": "admins", "position": 5, "written_at": "2023-01-02T00:00:00Z"}
    created = caller.call("POST", "articles", article(**about)).json()
    assert {name: created[name] for name in about} == about
    changed = caller.call("PUT", "articles/shop/returns", {"title": "Returns", "text": "Changed."}).json()
    assert {name: changed[name] for name in about} == about
    other = {"audience": "", "position": 0, "written_at": "2024-05-06T07:08:09"}
    changed = caller.call("PUT", "articles/shop/returns", {"title": "Returns", "text": "Changed.", **other}).json()
    assert {name: changed[name] for name in about} == {**other, "written_at": "2024-05-06T07:08:09Z"}


def test_put_writes_what_is_not_there_yet(caller: Caller) -> None:
    response = caller.call("PUT", "articles/guides/first flight", {"title": "First flight", "text": "Charge it first."})
    assert response.status_code == 201
    assert caller.call("GET", "articles/guides/first%20flight").json()["id"] == "guides/first flight"


def test_an_unpublished_article_answers_nothing(caller: Caller) -> None:
    body = caller.call("POST", "articles", article(status="unpublished")).json()
    assert (body["status"], body["answerable_at"]) == ("unpublished", None)
    assert retrieve(Query("How long may I return a drone?", "default")).passages == ()
    published = caller.call("PUT", "articles/shop/returns", {"title": "Returning a drone", "text": TEXT}).json()
    assert published["answerable_at"]
    assert retrieve(Query("How long may I return a drone?", "default")).passages


def test_deleting_leaves_nothing_behind(caller: Caller) -> None:
    caller.call("POST", "articles", article())
    response = caller.call("DELETE", "articles/shop/returns")
    assert (response.status_code, response.content) == (204, b"")
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()
    assert caller.call("GET", "articles/shop/returns").status_code == 404
    assert caller.call("DELETE", "articles/shop/returns").status_code == 404


def test_pages_hold_every_article_once(caller: Caller) -> None:
    for number in range(5):
        caller.call("POST", "articles", article(id=f"a/{number}", title=f"Article {number}"))
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    while True:
        page = caller.call("GET", "articles", **query).json()
        seen += [item["id"] for item in page["items"]]
        assert all("text" not in item for item in page["items"])
        if page["next"] is None:
            break
        query["after"] = page["next"]
    assert seen == [f"a/{number}" for number in range(5)]


def test_lists_are_filtered(caller: Caller) -> None:
    caller.call("POST", "articles", article())
    caller.call("POST", "articles", article(id="retour", title="Retour", locale="fr", status="unpublished"))
    assert [a["id"] for a in caller.call("GET", "articles", locale="fr").json()["items"]] == ["retour"]
    assert [a["id"] for a in caller.call("GET", "articles", status="published").json()["items"]] == ["shop/returns"]


def test_a_key_for_one_collection_sees_and_writes_only_there(caller: Caller, lab_caller: Caller) -> None:
    caller.call("POST", "articles", article())
    assert lab_caller.call("GET", "articles").json()["items"] == []
    for method, path in (("GET", "articles/shop/returns"), ("DELETE", "articles/shop/returns")):
        foreign = lab_caller.call(method, path, collection="default")
        absent = lab_caller.call(method, path, collection="nowhere")
        assert (foreign.status_code, foreign.content) == (404, absent.content)
    assert lab_caller.call("POST", "articles", article(collection="default")).status_code == 404
    assert lab_caller.call("POST", "articles", article()).json()["collection"] == "lab"
    assert caller.call("GET", "articles/shop/returns").json()["collection"] == "default"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"colour": "red"}, "colour: unknown field"),
        ({"revision": 7}, "revision: unknown field"),
        ({"answerable_at": "2020-01-01T00:00:00Z"}, "answerable_at: unknown field"),
        ({"text": " \n "}, "text"),
        ({"title": ""}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"text": "NUL \x00 within"}, "NUL"),
        ({"text": "\ud800"}, "text"),
        ({"id": "line\nbreak"}, "id"),
        ({"id": 3}, "id"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"locale": "not a locale"}, "locale"),
        ({"status": "removed"}, "status"),
        ({"position": 2**31}, "position"),
        ({"written_at": "yesterday"}, "written_at"),
        ({"written_at": "0001-01-01T00:00:00+14:00"}, "written_at"),
        ({"audience": "x" * 101}, "audience"),
    ],
)
def test_bad_fields_are_named_and_nothing_is_kept(caller: Caller, fields: dict[str, Any], named: str) -> None:
    response = caller.call("POST", "articles", article(**fields))
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid"
    assert named in response.json()["error"]["message"]
    assert not Document.objects.exists()


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000])
def test_bodies_that_are_no_object_are_refused_in_plain_words(caller: Caller, raw: bytes) -> None:
    response = caller.call("POST", "articles", raw=raw)
    assert response.status_code in (400, 422)
    assert set(response.json()) == {"error"}


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "9" * 30}, {"after": "zz"}, {"after": "\x00"}])
def test_bad_queries_are_refused_in_plain_words(caller: Caller, query: dict[str, str]) -> None:
    response = caller.call("GET", "articles", **query)
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"code", "message"}
