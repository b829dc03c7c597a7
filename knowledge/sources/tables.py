"""Rows and columns of an HTML table, with spanned cells filled in."""

from collections.abc import Callable

from knowledge.sources.tree import Element

MAX_COLUMNS = 100
MAX_CELLS = 50_000


def read_table(table: Element, cell_text: Callable[[Element], str]) -> list[list[str]] | None:
    """Rows of equal length, the first one the head; None for a table that only lays out a page."""
    if any(table.find("table", "pre", "h1", "h2", "h3")) or table.attributes.get("role") == "presentation":
        return None
    rows = _spanned([_cells(row) for row in table.find("tr")], cell_text)
    rows = [row for row in rows if any(row)]
    width = max((len(row) for row in rows), default=0)
    if width < 2 or len(rows) < 2 or width * len(rows) > MAX_CELLS:
        return None
    return [row + [""] * (width - len(row)) for row in rows]


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]


def _spanned(rows: list[list[Element]], cell_text: Callable[[Element], str]) -> list[list[str]]:
    """Text by row and column; a cell over several rows is repeated, over several columns stands first."""
    carried: dict[int, tuple[int, str]] = {}
    table: list[list[str]] = []
    for cells in rows:
        line: list[str] = []
        for cell in cells:
            _fill_carried(line, carried)
            text, below = cell_text(cell), _span(cell, "rowspan") - 1
            for column in range(_span(cell, "colspan")):
                if below:
                    carried[len(line)] = (below, "" if column else text)
                line.append("" if column else text)
        _fill_carried(line, carried)
        table.append(line[:MAX_COLUMNS])
    return table


def _fill_carried(line: list[str], carried: dict[int, tuple[int, str]]) -> None:
    while (column := len(line)) in carried:
        below, text = carried.pop(column)
        if below > 1:
            carried[column] = (below - 1, text)
        line.append(text)
        if len(line) > MAX_COLUMNS:
            return


def _span(cell: Element, name: str) -> int:
    digits = cell.attributes.get(name, "")
    return min(max(int(digits), 1), MAX_COLUMNS) if digits.isascii() and digits.isdigit() and len(digits) < 8 else 1
