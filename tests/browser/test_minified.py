"""What is left out of scripts and style sheets on their way changes nothing of what a browser reads."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from assistant.project.static_files import MINIFIERS, SOURCES, VENDOR

pytestmark = pytest.mark.browser

# Of custom properties a browser keeps the white space; after these characters it says nothing anywhere.
READ = """(texts) => texts.map((text) => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return Array.from(sheet.cssRules, (rule) => rule.cssText.replace(/\\s+/g, " ").replace(/([,:(]) /g, "$1"));
})"""


def of_ours(suffix: str) -> list[Path]:
    return sorted(file for file in SOURCES.rglob(f"*{suffix}") if not file.is_relative_to(VENDOR))


@pytest.mark.parametrize("file", of_ours(".css"), ids=lambda file: file.name)
def test_a_minified_style_sheet_has_the_same_rules(module_page: Page, file: Path) -> None:
    text = file.read_text("utf-8")
    written, minified = module_page.evaluate(READ, [text, MINIFIERS[".css"](text)])
    assert minified == written
    assert minified
