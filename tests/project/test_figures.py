"""The gauges of /metrics that are read when they are asked for."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from assistant.project.figures import StoredFigures

ARTICLE = Path(settings.BASE_DIR) / "docs" / "help" / "operators" / "metrics.md"


@pytest.mark.django_db
def test_the_article_names_every_stored_figure_and_no_other() -> None:
    (line,) = re.findall("^Read from the database.*$", ARTICLE.read_text(), re.MULTILINE)
    shown = {family.name.removeprefix("answerdesk_") for family in StoredFigures().collect()}
    assert shown == set(re.findall("`([a-z_]+)`", line))
