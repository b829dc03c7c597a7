"""Rows and columns of an HTML table, with spanned cells filled in."""

from collections.abc import Callable
from itertools import takewhile, zip_longest

from knowledge.sources.tree import Element

MAX_COLUMNS = 100
MAX_CELLS = 50_000
MAX_HEADS = 3
# A longer text over several columns stands in the first alone.
REPEATED_CHARACTERS = 100


def read_table(table: Element, cell_text: Callable[[Element], str]) -> tuple[list[str], list[list[str]]] | None:
    """What stands over the whole table, and rows of equal length, the first one the head.

    None for a table that only lays out a page. A head of several rows is joined by column.
    """
    if any(table.find("table", "pre", "h1", "h2", "h3")) or table.attributes.get("role") == "presentation":
        return None
    lines = [cells for row in table.find("tr") if (cells := _cells(row))]
    over = list(takewhile(_is_title, lines))
    over = over if any(map(_is_head, lines[len(over) : len(over) + 1])) else []
    lines = lines[len(over) :]
    heads = 0 if all(map(_is_head, lines)) else len(list(takewhile(_is_head, lines[:MAX_HEADS])))
    marked = [(row, number < heads) for number, row in enumerate(_spanned(lines, cell_text)) if any(row)]
    heads = max(sum(is_head for _, is_head in marked), 1)
    rows = [_joined([row for row, _ in marked[:heads]]), *(row for row, _ in marked[heads:])]
    width = max((len(row) for row in rows), default=0)
    if width < 2 or len(rows) < 2 or width * len(rows) > MAX_CELLS:
        return None
    return [cell_text(cells[0]) for cells in over], [row + [""] * (width - len(row)) for row in rows]


def _is_title(cells: list[Element]) -> bool:
    return len(cells) == 1 and _span(cells[0], "colspan") > 1


def _is_head(cells: list[Element]) -> bool:
    return len(cells) > 1 and all(cell.tag == "th" for cell in cells)


def _joined(rows: list[list[str]]) -> list[str]:
    """What stands in each column, once: "Storage" over "Included" and "Maximum"."""
    columns = zip_longest(*rows, fillvalue="")
    return [" ".join(dict.fromkeys(filter(None, column))) for column in columns]


def _cells(row: Element) -> list[Element]:
    return [cell for cell in row.children if isinstance(cell, Element) and cell.tag in ("td", "th")]


def _spanned(rows: list[list[Element]], cell_text: Callable[[Element], str]) -> list[list[str]]:
    """Text by row and column; a cell over several rows or columns is repeated.

    Over several columns it stands first where it is long, or names a group: alone in its row.
    """
    carried: dict[int, tuple[int, str]] = {}
    table: list[list[str]] = []
    for cells in rows:
        line: list[str] = []
        alone = len(cells) == 1 and 0 not in carried
        for cell in cells:
            _fill_carried(line, carried)
            text, below = cell_text(cell), _span(cell, "rowspan") - 1
            again = "" if alone or len(text) > REPEATED_CHARACTERS else text
            for column in range(_span(cell, "colspan")):
                repeated = again if column else text
                if below:
                    carried[len(line)] = (below, repeated)
                line.append(repeated)
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
