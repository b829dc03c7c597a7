"""Imports: second runs touch only what changed, what is gone goes, mistakes do not wipe."""

import io
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from knowledge import importing, imports, tasks
from knowledge.documents import save_article
from knowledge.embedding import embedder_named
from knowledge.ingestion import ingest, run_import
from knowledge.models import Document, ImportRun, IndexedDocument, Source
from knowledge.unindexed import pending
from tests.knowledge.library import articles, collection, counts

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_second_run_touches_only_what_changed(folder: Path) -> None:
    assert counts(ingest([str(folder)])) == {"added": 3}
    assert articles() == {"guide/one", "22", "three"}
    again = ingest([str(folder)])
    assert (counts(again), again.chunks) == ({"unchanged": 3}, 0)
    (folder / "guide" / "one.md").write_text("# One\n\nRewritten.")
    (folder / "two.md").unlink()
    (folder / "four.html").write_text("<title>Four</title><p>The fourth.")
    report = ingest([str(folder)])
    assert (counts(report), report.chunks) == ({"added": 1, "changed": 1, "unchanged": 1, "removed": 1}, 2)
    assert articles() == {"guide/one", "three", "four"}
    assert articles("removed") == {"22"}


def test_what_is_gone_is_found_however_much_a_source_held(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "ARTICLES_A_LOOK", 1)
    ingest([str(folder)])
    shutil.rmtree(folder / "guide")
    (folder / "three.txt").unlink()
    assert counts(ingest([str(folder)])) == {"unchanged": 1, "removed": 2}
    assert articles("removed") == {"guide/one", "three"}


def test_one_broken_file_stops_nothing_and_keeps_its_last_good_article(folder: Path) -> None:
    ingest([str(folder)])
    (folder / "guide" / "one.md").write_bytes(b"%PDF-1.7 ...")
    (folder / "empty.md").write_text("")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    report = ingest([str(folder)])
    assert counts(report) == {"unchanged": 2, "skipped": 1, "failed": 2}
    assert {failure["path"] for failure in report.failures} == {"guide/one.md", "empty.md"}
    assert "guide/one" in articles()


def test_skipped_files_are_named_with_their_reason_and_are_no_failures(folder: Path) -> None:
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "manual.pdf").write_bytes(b"%PDF-1.7 ...")
    report = ingest([str(folder)])
    reason = "is of a kind that is not read"
    assert report.skipped == [{"path": "manual.pdf", "reason": reason}, {"path": "photo.png", "reason": reason}]
    assert ImportRun.objects.get().skipped_files == report.skipped
    assert set(report.as_dict()) == {"documents", "chunks", "seconds", "failures"}
    assert report.failures == []


def test_the_terminal_names_a_few_skipped_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(7):
        (folder / f"{number}.png").write_bytes(b"\x89PNG")
    call_command("ingest", str(folder))
    said = capsys.readouterr().err
    assert "skipped 4.png: is of a kind that is not read" in said
    assert "and 2 more skipped" in said
    assert "5.png" not in said


@pytest.mark.parametrize("packed", [False, True])
def test_pieces_of_articles_are_no_articles(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, packed: bool
) -> None:
    (folder / "_includes" / "deep").mkdir(parents=True)
    (folder / "_docs").mkdir()
    for name in ("_includes/deep/note.md", "guide/_partial.mdx", "guide/_index.md", "_docs/start.md"):
        (folder / name).write_text("Some words.")
    path = Path(shutil.make_archive(str(tmp_path_factory.mktemp("packed") / "a"), "zip", folder)) if packed else folder
    report = ingest([str(path)])
    assert counts(report) == {"added": 5, "skipped": 2}
    assert {file["path"] for file in report.skipped} == {"_includes/deep/note.md", "guide/_partial.mdx"}
    assert all("a piece of other articles" in file["reason"] for file in report.skipped)
    assert {"guide/_index", "_docs/start"} <= articles()


@pytest.mark.parametrize("packed", ["", "zip", "gztar"])
def test_what_a_repository_keeps_beside_its_articles_is_skipped_by_its_name(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, packed: str
) -> None:
    (folder / "docs").mkdir()
    papers = {"LICENSE.md", "Licence.txt", "CHANGELOG.md", "docs/code-of-conduct.md", "CODE_OF_CONDUCT.mdx"}
    kept = {"README.md", "SECURITY.md", "license-keys.md", "docs/change-log-in.md", "guide/history.md"}
    for name in papers | kept:
        (folder / name).write_text("Some words of " + name)
    base = str(tmp_path_factory.mktemp("packed") / "a")
    path = shutil.make_archive(base, packed, folder) if packed else str(folder)
    report = ingest([path])
    assert counts(report) == {"added": 8, "skipped": 5}
    assert {file["path"] for file in report.skipped} == papers
    assert all("upload it by itself" in file["reason"] for file in report.skipped)
    assert counts(ingest([str(folder / "LICENSE.md")])) == {"added": 1}


def test_a_few_files_of_each_reason_are_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(7):
        (folder / f"{number}.png").write_bytes(b"\x89PNG")
    (folder / "zz").mkdir()
    (folder / "zz" / "LICENSE.md").write_text("Words.")
    call_command("ingest", str(folder))
    said = " ".join(capsys.readouterr().err.split())
    assert "skipped zz/LICENSE.md: belongs to a repository" in said
    assert "and 2 more skipped" in said


def test_importing_again_leaves_an_article_alone_that_was_edited_here(folder: Path) -> None:
    ingest([str(folder)])
    document = Document.objects.get(article="22")
    save_article(document.collection, "Edited here.", document=document, title="Two")
    assert counts(ingest([str(folder)])) == {"unchanged": 3}
    document.refresh_from_db()
    assert document.text == "Edited here."
    (folder / "two.md").write_text("---\nid: 22\n---\n# Two\n\nChanged there.")
    assert counts(ingest([str(folder)])) == {"changed": 1, "unchanged": 2}
    document.refresh_from_db()
    assert (document.text, document.source_hash) == ("Changed there.", "")


@pytest.mark.parametrize("batch", [32, 1])
def test_one_article_that_the_model_cannot_embed_stops_no_other(
    folder: Path, model_server, settings, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(importing, "BATCH_ARTICLES", batch)
    settings.EMBEDDING_MODEL = "bag-of-words"
    embedder_named.cache_clear()
    model_server.set(fault="indigestible:second")
    report = ingest([str(folder)])
    assert counts(report) == {"added": 2, "failed": 1}
    assert [failure["path"] for failure in report.failures] == ["two.md"]
    Document.objects.update(answerable_at=None)
    IndexedDocument.objects.all().delete()
    tasks.index_pending()
    assert [waiting.article for waiting in pending()] == ["22"]
    embedder_named.cache_clear()


def test_an_emptied_source_is_a_failure_and_wipes_nothing(folder: Path) -> None:
    ingest([str(folder)])
    for path in folder.rglob("*.*"):
        path.unlink()
    report = ingest([str(folder)])
    assert counts(report) == {"failed": 1}
    assert "kept" in report.failures[0]["reason"]
    assert len(articles()) == 3


def test_a_missing_path_is_a_failure_of_its_own(folder: Path) -> None:
    report = ingest([str(folder / "gone"), str(folder), "https://a.example/x.zip"])
    assert counts(report) == {"added": 3, "failed": 2}
    assert not Source.objects.filter(location=str(folder / "gone")).exists()


def test_two_files_with_one_id_are_not_one_article(folder: Path) -> None:
    (folder / "three.md").write_text("Another third.")
    report = ingest([str(folder)])
    assert counts(report) == {"added": 3, "failed": 1}
    assert report.failures == [{"path": "three.txt", "reason": "has the id of another article: three"}]


def test_sources_concern_themselves_alone(folder: Path) -> None:
    ingest([str(folder)])
    assert counts(ingest([str(folder / "two.md")])) == {"added": 1}
    assert counts(ingest([str(folder)], "other")) == {"added": 3}
    assert Source.objects.count() == 3


def test_an_upload_is_kept_under_a_random_name_and_replaced_by_its_namesake(
    settings: pytest.FixtureRequest, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    shop = collection()
    first = imports.store_upload(shop, "../../etc/<b>guide.md", io.BytesIO(b"# One\n\nText."), 12)
    assert first.location == "upload:<b>guide.md"
    assert run_import(ImportRun.objects.create(source=first).pk, here=True).added == 1
    second = imports.store_upload(shop, "<b>guide.md", io.BytesIO(b"# One\n\nOther."), 13)
    assert run_import(ImportRun.objects.create(source=second).pk, here=True).changed == 1
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [Path(second.stored_as).name]


@pytest.mark.parametrize(("name", "size"), [("x.exe", 1), ("x.md", 200_000_000), ("x.pdf", 1)])
def test_uploads_that_cannot_be_articles_are_refused(name: str, size: int) -> None:
    with pytest.raises(imports.UploadRefused):
        imports.store_upload(collection(), name, io.BytesIO(b"x"), size)
