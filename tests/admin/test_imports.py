"""The page of an import: what was skipped and why, and from when each article is answered from."""

import re
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from knowledge.imports import store_upload
from knowledge.ingestion import run_import
from knowledge.models import Collection, Document, ImportRun, Source

pytestmark = pytest.mark.django_db(transaction=True)


def imported(source: Source) -> ImportRun:
    return run_import(ImportRun.objects.create(source=source).pk, here=True)


def uploaded(collection: Collection, folder: Path, name: str, text: str) -> ImportRun:
    path = folder / name
    path.write_text(text)
    with path.open("rb") as file:
        return imported(store_upload(collection, name, file, path.stat().st_size))


def page_of(office: Client, run: ImportRun) -> str:
    return office.get(reverse("admin:knowledge_importrun_watch", args=[run.pk])).content.decode()


def test_skipped_files_are_listed_with_their_reason(office: Client, shop: Collection, tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("# Guide\n\nWords.")
    (tmp_path / "manual.pdf").write_bytes(b"%PDF")
    source = Source.objects.create(collection=shop, kind=Source.Kind.FOLDER, location=str(tmp_path))
    page = page_of(office, imported(source))
    assert "What was skipped" in page
    assert "2 of 2 files" in page, "what is no article counts, as it was looked at"
    assert "<td>manual.pdf</td><td>Skipped: is of a kind that is not read</td>" in page
    assert "What could not be read" not in page


def test_an_unchanged_upload_is_answerable_since_it_was_indexed_before(
    office: Client, shop: Collection, tmp_path: Path
) -> None:
    first = page_of(office, uploaded(shop, tmp_path, "guide.md", "# Guide\n\nWords."))
    assert "answerable since" in first
    assert "unchanged" not in first
    Document.objects.update(answerable_at="2024-05-06T07:08:09Z")
    again = uploaded(shop, tmp_path, "guide.md", "# Guide\n\nWords.")
    assert again.unchanged == 1
    assert "unchanged, answerable since 2024-05-06 07:08:09 UTC, when it was indexed before" in page_of(office, again)


def test_a_draft_is_said_not_to_be_answered_from(office: Client, shop: Collection, tmp_path: Path) -> None:
    page = page_of(office, uploaded(shop, tmp_path, "plan.md", "---\ndraft: true\n---\n# Plan\n\nWords."))
    assert "not published, so not answered from" in page
    assert "Answerable now" not in page


def test_the_sidebar_marks_the_page_that_is_open_and_no_other(office: Client, shop: Collection) -> None:
    for name in ("upload", "changelist"):
        page = office.get(reverse(f"admin:knowledge_importrun_{name}"))
        items = [item for group in page.context["sidebar_navigation"] for item in group["items"]]
        marked = [item["title"] for item in items if item["active"]]
        assert marked == [{"upload": "Upload articles", "changelist": "Imports"}[name]]


def test_with_one_collection_it_is_chosen_and_of_several_who_uploads_chooses(office: Client, shop: Collection) -> None:
    Collection.objects.exclude(pk=shop.pk).delete()
    address = reverse("admin:knowledge_importrun_upload")
    assert f'<option value="{shop.pk}" selected>' in office.get(address).content.decode()
    Collection.objects.create(slug="a", name="A first one")
    assert "selected>Choose a collection" in office.get(address).content.decode()


def handed_in(office: Client, shop: Collection, *names: str) -> str:
    files = [SimpleUploadedFile(name, b"# Guide\n\nWords.") for name in names]
    data = {"uploads": files, "collection": shop.pk}
    return office.post(reverse("admin:knowledge_importrun_upload"), data, follow=True).content.decode()


def test_after_an_upload_the_focus_is_at_what_becomes_of_it(office: Client, shop: Collection) -> None:
    page = handed_in(office, shop, "guide.md", "evil.exe")
    assert page.count("autofocus") == 1
    result = page.partition('<section class="ad-result" tabindex="-1" autofocus')[2].partition("</dl>")[0]
    assert "evil.exe was not taken" in result
    assert page.count("evil.exe was not taken") == 1
    assert "guide.md" in result


@pytest.mark.parametrize("names", [(), ("evil.exe",)])
def test_where_nothing_was_taken_the_focus_is_at_the_files(office: Client, shop: Collection, names: tuple[str]) -> None:
    page = handed_in(office, shop, *names)
    assert page.count("autofocus") == 1
    assert re.search(r'<input type="file" name="uploads"[^>]*autofocus', page)
    assert ("evil.exe was not taken" in page) == bool(names)
