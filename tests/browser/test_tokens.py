"""Contrast of the tokens, as the browser computes them: 4.5 for text, 3 for edges and icons."""

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TEXT = [
    (text, ground)
    for text in ("text", "text-muted", "accent-text", "good", "careful", "bad", "info")
    for ground in ("ground", "surface", "surface-sunken", "surface-raised")
] + [
    ("on-accent", "accent"),
    ("accent-text", "accent-soft"),
    ("text", "accent-soft"),
    ("text-muted", "n4"),
    ("text", "n4"),
]
TEXT += [(meaning, f"{meaning}-soft") for meaning in ("good", "careful", "bad", "info")]
EDGES = [
    (edge, ground)
    for edge in ("edge-strong", "accent-edge", "good-edge", "careful-edge", "bad-edge", "info-edge", "focus")
    for ground in ("ground", "surface", "surface-sunken", "surface-raised")
]

MEASURE = """async ([pairs, theme, accent]) => {
  const { accentProperties, contrast } = await import("/static/shared/accent.js");
  const root = document.documentElement;
  root.dataset.theme = theme;
  root.style.cssText = "";
  for (const [name, value] of Object.entries(accentProperties(accent))) root.style.setProperty(name, value);
  const probe = document.body.appendChild(document.createElement("i"));
  const hex = (name) => {
    probe.style.color = `var(--${name})`;
    const [r, g, b] = getComputedStyle(probe).color.match(/\\d+/g).map(Number);
    return "#" + [r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("");
  };
  return pairs.map(([one, other]) => [one, other, contrast(hex(one), hex(other))]);
}"""


@pytest.fixture
def styled(module_page: Page) -> Page:
    module_page.add_style_tag(url="/static/shared/tokens.css")
    return module_page


def too_low(
    page: Page, pairs: list[tuple[str, str]], theme: str, wanted: float, accent: str = ""
) -> list[list[object]]:
    measured = page.evaluate(MEASURE, [pairs, theme, accent])
    assert len({ratio for _, _, ratio in measured}) > len(measured) // 4, "the tokens did not load"
    return [found for found in measured if found[2] < wanted]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_reaches_four_and_a_half(styled: Page, theme: str) -> None:
    assert too_low(styled, TEXT, theme, 4.5) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_edges_and_icons_reach_three(styled: Page, theme: str) -> None:
    assert too_low(styled, EDGES, theme, 3) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "accent", ["#ffff00", "#000000", "#ffffff", "#e11d48", "#7c7c7c", "#00b894", "#3b5bdb", "#767676"]
)
def test_any_accent_stays_readable(styled: Page, theme: str, accent: str) -> None:
    text = [pair for pair in TEXT if "accent" in pair[0] or "accent" in pair[1]]
    assert too_low(styled, text, theme, 4.5, accent) == []
    assert too_low(styled, [pair for pair in EDGES if pair[0] in ("accent-edge", "focus")], theme, 3, accent) == []
