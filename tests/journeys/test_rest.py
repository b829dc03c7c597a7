"""The REST API from outside: an article's whole life as its readers see it, and what needs a key."""

import httpx
import pytest
from openapi_spec_validator import validate

from tests.product import Product

pytestmark = pytest.mark.services
QUESTION = "How is the Quibble used?"
ARTICLE = {"title": "Using the Quibble", "text": "## Use\n\nThe Quibble is used upside down, with both hands."}
ADDRESS = "articles/tools/the%20Quibble"


def answer(api: httpx.Client) -> dict[str, object]:
    response = api.post("ask", json={"question": QUESTION, "collection": "default"})
    assert response.status_code == 200
    body: dict[str, object] = response.json()
    return body


def test_an_article_is_put_answered_from_changed_and_deleted(api: httpx.Client, site: httpx.Client) -> None:
    assert api.put(ADDRESS, json=ARTICLE).status_code == 201
    first = answer(api)
    assert "upside down" in str(first["answer"])
    source = first["sources"][0]  # type: ignore[index]
    assert source["article"] == "tools/the Quibble"
    address, _, anchor = source["url"].partition("#")
    assert f'<h2 id="{anchor}">Use</h2>' in site.get(address).text
    assert api.put(ADDRESS, json=ARTICLE | {"text": "## Use\n\nThe Quibble is used sideways now."}).status_code == 200
    assert "sideways" in str(answer(api)["answer"])
    assert api.get(ADDRESS).json()["revision"] == 2
    assert api.delete(ADDRESS).status_code == 204
    gone = answer(api)
    assert "Quibble" not in str(gone["answer"]) + str(gone["sources"])
    assert api.get(ADDRESS).status_code == 404
    assert site.get(address).status_code == 404


def test_a_posted_article_is_listed_once_and_not_posted_twice(api: httpx.Client) -> None:
    article = ARTICLE | {"id": "posted", "collection": "zorblatt-api"}
    assert api.post("articles", json=article).status_code == 404  # collections are made by admins and imports
    article["collection"] = "default"
    assert api.post("articles", json=article).status_code == 201
    assert api.post("articles", json=article).status_code == 409
    listed = [item["id"] for item in api.get("articles?limit=200").json()["items"]]
    assert listed.count("posted") == 1
    assert api.delete("articles/posted").status_code == 204


def test_a_conversation_is_asked_continued_and_read(api: httpx.Client, zorblatt: str) -> None:
    asked = {"question": "How long does the Zorblatt take to charge?", "collection": zorblatt}
    first = api.post("ask", json=asked).json()
    again = {"question": "How many days may I return it?", "collection": zorblatt}
    second = api.post("ask", json=again | {"conversation": first["conversation"]}).json()
    assert second["conversation"] == first["conversation"]
    read = api.get(f"conversations/{first['conversation']}").json()
    assert [message["role"] for message in read["messages"]] == ["customer", "assistant"] * 2
    assert [message["seq"] for message in read["messages"]] == [1, 2, 3, 4]
    newest = api.get("conversations?limit=200").json()["items"]
    assert first["conversation"] in [conversation["id"] for conversation in newest]
    assert api.get(f"conversations/{first['turn']}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "ask"), ("GET", "articles"), ("POST", "articles"), ("GET", "articles/x"), ("PUT", "articles/x"),
     ("DELETE", "articles/x"), ("GET", "conversations"), ("GET", "conversations/x")],
)  # fmt: skip
@pytest.mark.parametrize("key", [None, "Bearer ak_wrong", "Basic YWRtaW46YWRtaW4="])
def test_without_a_key_there_is_nothing(product: Product, site: httpx.Client, method: str, path: str, key: str) -> None:
    headers = {"Authorization": key} if key else {}
    refused = site.request(method, f"/api/v1/{path}", headers=headers, json={})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    assert set(refused.json()["error"]) == {"code", "message"}


def test_the_description_is_valid_and_names_every_operation(site: httpx.Client) -> None:
    description = site.get("/api/v1/openapi.json").json()
    validate(description)
    operations = {(path, method) for path, methods in description["paths"].items() for method in methods}
    assert operations >= {
        ("/api/v1/ask", "post"),
        ("/api/v1/articles", "get"),
        ("/api/v1/articles", "post"),
        ("/api/v1/articles/{article_id}", "get"),
        ("/api/v1/articles/{article_id}", "put"),
        ("/api/v1/articles/{article_id}", "delete"),
        ("/api/v1/conversations", "get"),
        ("/api/v1/conversations/{conversation_id}", "get"),
    }
