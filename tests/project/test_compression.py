"""What travels compressed, what does not, and that a browser may ask again cheaply."""

import gzip
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from assistant.project.static_files import MINIFIERS, minified_copy

ACCEPTS = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize(
    ("address", "file"),
    [
        ("/widget.js", "static/widget/loader.js"),
        ("/static/widget/widget.js", "static/widget/widget.js"),
        ("/static/vendor/htmx.min.js", "static/vendor/htmx.min.js"),
        ("/static/widget/widget.css", "static/widget/widget.css"),
    ],
)
def test_public_files_travel_compressed_to_those_who_take_it(client: Client, address: str, file: str) -> None:
    source = settings.BASE_DIR / file
    text = source.read_text("utf-8")
    plain = (text if "vendor" in source.parts else MINIFIERS[source.suffix](text)).encode()
    response = client.get(address, headers=ACCEPTS)
    assert response["Content-Encoding"] == "gzip"
    assert response["Vary"] == "Accept-Encoding"
    assert gzip.decompress(response.content) == plain
    assert client.get(address).content == plain


@pytest.mark.parametrize("address", ["/widget.js", "/static/widget/widget.js", "/static/widget/widget.css"])
def test_a_compressed_file_that_did_not_change_is_not_sent_again(client: Client, address: str) -> None:
    first = client.get(address, headers=ACCEPTS)
    asked = {"If-None-Match": first.get("ETag"), "If-Modified-Since": first.get("Last-Modified")}
    known = {name: value for name, value in asked.items() if value}
    assert client.get(address, headers={**ACCEPTS, **known}).status_code == 304


@pytest.mark.django_db
def test_pages_that_hold_secrets_are_not_compressed(client: Client) -> None:
    response = client.get("/desk/login/", headers=ACCEPTS)
    assert response.status_code == 200
    assert "Content-Encoding" not in response.headers


def test_a_script_that_changed_is_served_anew_with_its_date(tmp_path: Path) -> None:
    source = tmp_path / "one.js"
    source.write_text("// A word.\nconst one = 1;\n")
    os.utime(source, (1_000_000_000, 1_000_000_000))
    first = minified_copy(source, tmp_path / "copies")
    assert (first.read_text(), first.stat().st_mtime) == ("const one=1;", 1_000_000_000)
    source.write_text("const one = 2;\n")
    second = minified_copy(source, tmp_path / "copies")
    assert (second.read_text(), second.stat().st_mtime) == ("const one=2;", source.stat().st_mtime)
