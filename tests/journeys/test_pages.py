"""Every address of the contract, asked for as a browser, a probe and a scraper ask."""

import re

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.product import Product

pytestmark = pytest.mark.services


def test_the_demo_site_holds_the_embed_line_and_its_script_is_there(product: Product, site: httpx.Client) -> None:
    line = f'<script src="{product.base_url}/widget.js" data-widget="{product.widget}" async></script>'
    assert line in site.get("/").text
    script = site.get("/widget.js")
    assert script.status_code == 200
    assert script.headers["content-type"].startswith("text/javascript")
    for part in re.findall(r"\$\{origin\}(/static/[^`]+)", script.text):
        assert site.get(part).status_code == 200


def test_every_heading_of_every_article_has_an_anchor(product: Product, site: httpx.Client) -> None:
    articles = re.findall(r'href="(/help/default/[^"#]+)"', site.get("/help/default/").text)
    assert len(articles) > 20
    headings = 0
    for address in articles:
        page = site.get(address)
        assert page.status_code == 200
        body = page.text.partition("<h1>")[2]
        anchors = re.findall(r"<h[2-6]([^>]*)>", body.partition("<nav")[0])
        assert all(re.search(r'id="[^"]+"', attributes) for attributes in anchors), address
        headings += len(anchors)
        ids = re.findall(r'\bid="([^"]+)"', page.text)
        assert len(ids) == len(set(ids)), address
    assert headings > 20


def test_no_link_of_the_help_centre_leads_nowhere(site: httpx.Client) -> None:
    to_read, seen = ["/help/", "/"], set[str]()
    while to_read:
        address = to_read.pop()
        seen.add(address)
        page = site.get(address, follow_redirects=True)
        assert page.status_code == 200, address
        if address.startswith("/help/") or address == "/":
            linked = {link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page.text)}
            to_read += [link for link in linked if link not in seen and link not in to_read]


@pytest.mark.parametrize("path", ["/desk/", "/admin/"])
def test_staff_pages_ask_for_a_log_in(product: Product, path: str) -> None:
    with httpx.Client(base_url=product.base_url, follow_redirects=True) as browser:
        login = browser.get(path)
        assert "login" in str(login.url)
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', login.text)
        assert token is not None
        name, password = product.admin
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1], "next": path}
        inside = browser.post(str(login.url), data=fields)
        assert inside.status_code == 200
        assert inside.url.path == path


def test_the_desk_is_for_agents_and_the_administration_is_not(product: Product) -> None:
    with httpx.Client(base_url=product.base_url, follow_redirects=True) as browser:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/desk/login/").text)
        assert token is not None
        name, password = product.agent
        fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        assert browser.post("/desk/login/", data=fields).url.path == "/desk/"
        assert browser.get("/admin/", follow_redirects=False).status_code != 200


def test_health_tells_each_dependency(site: httpx.Client) -> None:
    assert site.get("/healthz/live").status_code == 200
    ready = site.get("/healthz/ready")
    assert ready.status_code == 200
    assert ready.json()["degraded"] == []
    there = dict.fromkeys(("database", "broker", "worker", "beat"), "ok")
    assert ready.json()["dependencies"] == {**there, "model": "none"}


def test_metrics_are_what_prometheus_reads(site: httpx.Client) -> None:
    site.get("/healthz/live")
    answered = site.get("/metrics")
    assert answered.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answered.text)}
    requests = families["answerdesk_http_requests"].samples
    assert sum(sample.value for sample in requests if sample.labels.get("status") == "200") > 0
    published = [s.value for s in families["answerdesk_documents"].samples if s.labels["status"] == "published"]
    assert published[0] > 20
    assert all(family.documentation for family in families.values())


@pytest.mark.parametrize("path", ["/help/default/no-such-article", "/help/no-such-collection/", "/no-such-page"])
def test_what_is_not_there_is_404_without_a_traceback(site: httpx.Client, path: str) -> None:
    missing = site.get(path)
    assert missing.status_code == 404
    assert "Traceback" not in missing.text


def test_a_name_that_is_not_ours_is_refused(site: httpx.Client) -> None:
    assert site.get("/", headers={"host": "attacker.example"}).status_code == 400
