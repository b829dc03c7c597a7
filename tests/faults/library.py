"""Articles that are uploaded and written while things break: in the end each is there, once, and answered from."""

import io
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import psycopg

from tests.product import Product, eventually

Connect = Callable[[], "psycopg.Connection[tuple[object, ...]]"]
# So many that an import takes some seconds, in batches.
ARTICLES, PATIENCE_SECONDS = 80, 60.0
TEXT = "Under glass number {0} cacti of kind {0} stand in sand. " * 25
COLLECTION = "SELECT id FROM knowledge_collection WHERE slug = 'default'"
BEGUN = """
SELECT state FROM knowledge_importrun run
WHERE id = %s
  AND (state IN ('done', 'failed') OR EXISTS (SELECT FROM knowledge_document WHERE source_id = run.source_id))
"""
STATES = "SELECT id, state, failed FROM knowledge_importrun WHERE id = ANY(%s)"
ANSWERABLE = """
SELECT document.title, count(DISTINCT document.id), count(chunk.id),
       bool_and(document.answerable_at IS NOT NULL AND document.status = 'published')
FROM knowledge_document document
LEFT JOIN knowledge_chunk chunk ON chunk.document_id = document.id AND chunk.published
     AND chunk.generation_id IN (SELECT id FROM knowledge_indexgeneration WHERE state = 'active')
WHERE document.title = ANY(%s) GROUP BY document.title
"""


@dataclass
class Library:
    """The titles of what was handed in, no two of them alike, and the ids of the imports that were asked for.

    `struck` of these were under way when they were left to what breaks.
    """

    titles: list[str] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)
    struck: int = 0

    def begin_import(self, product: Product, connect: Connect) -> None:
        """Upload articles as an admin does; returns once a worker has stored the first and goes on."""
        name = str(uuid.uuid4())
        titles = [f"{name} {number}" for number in range(ARTICLES)]
        with connect() as database:
            (collection,) = database.execute(COLLECTION).fetchone() or (0,)
            run = _upload(product, f"{name}.zip", _zipped(titles), str(collection))
            self.titles += titles
            self.imports.append(run)
            begun = eventually(lambda: database.execute(BEGUN, [run]).fetchone(), "it is imported", PATIENCE_SECONDS)
            self.struck += begun == ("running",)

    def write(self, product: Product, text: str) -> None:
        """One article, over REST."""
        title = str(uuid.uuid4())
        product.write_article(title, text)
        self.titles.append(title)

    def missing(self, connect: Connect) -> list[str]:
        """What is not as it has to be in the end: imports that are not done, articles that are not answerable, once."""
        with connect() as database:
            runs = {run: tuple(how) for run, *how in database.execute(STATES, [self.imports])}
            held = {title: tuple(how) for title, *how in database.execute(ANSWERABLE, [self.titles])}
        undone = [f"import {run}: {runs.get(run)}" for run in self.imports if runs.get(run) != ("done", 0)]
        lacking = [title for title in self.titles if not _is_held(held.get(title))]
        return undone + [f"article {title}: {held.get(title)}" for title in lacking]


def _is_held(how: tuple[object, ...] | None) -> bool:
    """Whether there is one of it, in one chunk or more, that answers come from."""
    return how is not None and how[0] == 1 and how[1] != 0 and how[2] is True


def _zipped(titles: list[str]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for number, title in enumerate(titles):
            file.writestr(f"{number}.md", f"# {title}\n\n{TEXT.format(number)}")
    return archive.getvalue()


def _upload(product: Product, name: str, content: bytes, collection: str) -> int:
    """The id of the import. Raises what httpx raises."""
    with httpx.Client(base_url=product.base_url, timeout=PATIENCE_SECONDS) as pages:

        def headers() -> dict[str, str]:
            return {"X-CSRFToken": pages.cookies.get("csrftoken") or ""}

        username, password = product.admin
        login = pages.get("/admin/", follow_redirects=True).url
        pages.post(login, data={"username": username, "password": password}, headers=headers())
        answer = pages.post(
            "/admin/knowledge/importrun/upload/",
            data={"collection": collection},
            files={"uploads": (name, content)},
            headers=headers(),
        )
        return int(answer.headers["location"].rstrip("/").rpartition("/")[2])
