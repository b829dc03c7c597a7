"""MDX and JSX: components give up their tags and keep their text; imports, exports and expressions go."""

import re
from bisect import bisect_right
from collections.abc import Callable
from html import unescape

from knowledge.sources.literals import code_block, labelled_tabs, plain_attributes, readable_literals

_CODE_LINE = re.compile(r"^[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)?(`{3,}|~{3,})")
_STATEMENT = re.compile(
    r"^(?:import\s+(?:[\w*{},\s]+\sfrom\s+)?[\"'][^\"'\n]+[\"'];?[ \t]*$"
    r"|export\s+(?:const|let|var|default|function|async|class|\{|\*))",
    re.MULTILINE,
)
_FIRST_IMPORT = re.compile(
    r"\s*(?:<!--[^>]{0,500}-->\s*)?import\s+(?:[\w*{},\s]{1,500}?\sfrom\s+)?[\"'][^\"'\n]+[\"'];?[ \t]*(?:\n|\Z)"
)
# `<Card`, `</Card`, `<motion.div` and the fragments `<>` and `</>`; HTML's own tags are left to its parser.
_COMPONENT = re.compile(r"<(/?)((?:[A-Z][\w.]*|[a-z]\w*\.[\w.]+)(?=[\s/>])|(?=>))")
_HTML_TAG = re.compile(r"<([a-z][a-z0-9-]*)(?=\s)")
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w:.-]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'))?")
_STRING_EXPRESSION = re.compile(r"\{\s*([\"'])([^{}\"']*)\1\s*\}")
_TITLES = ("title", "label", "summary", "heading", "header", "question", "tab", "name")
MAX_TAG_LENGTH = 5_000
# So many tags without an end are no tags; looking for each end would take for ever.
MAX_ENDLESS_TAGS = 20


def without_components(source: str, mdx: bool) -> str:
    """The source as plain Markdown. In MDX every brace is an expression; in Markdown only components go."""
    labels: dict[str, str] = {}
    if mdx:
        source = "".join(text if code else readable_literals(text) for code, text in _split_fences(source))
        source = "".join(text if code else labelled_tabs(text, labels) for code, text in split_code(source))
    else:
        source = _without_first_imports(source)
    return "".join(text if code else _prose(text, mdx) for code, text in split_code(source))


def _without_first_imports(source: str) -> str:
    """Some tools take Markdown for MDX: imports before all words are no words. Further below they may be an example."""
    position = 0
    while found := _FIRST_IMPORT.match(source, position):
        position = found.end()
    return source[position:]


def split_code(source: str) -> list[tuple[bool, str]]:
    """The source as stretches of (is code, text): fenced blocks and code spans apart from prose."""
    stretches: list[tuple[bool, str]] = []
    for code, text in _split_fences(source):
        stretches.extend([(True, text)] if code else _split_spans(text))
    return stretches


def _split_fences(source: str) -> list[tuple[bool, str]]:
    """The source as stretches of (is fenced code, text)."""
    stretches: list[tuple[bool, str]] = []
    buffer: list[str] = []
    fence = ""

    def flush(code: bool) -> None:
        stretches.append((code, "".join(buffer)))
        buffer.clear()

    for line in source.splitlines(keepends=True):
        found = _CODE_LINE.match(line)
        if not fence and found:
            flush(False)
            fence = found.group(1)
            buffer.append(line)
        elif fence and found and found.group(1).startswith(fence) and not line[found.end() :].strip():
            buffer.append(line)
            flush(True)
            fence = ""
        else:
            buffer.append(line)
    flush(bool(fence))
    return stretches


def _split_spans(text: str) -> list[tuple[bool, str]]:
    runs = [(found.start(), found.end()) for found in re.finditer("`+", text)]
    by_length: dict[int, list[int]] = {}
    for start, end in runs:
        by_length.setdefault(end - start, []).append(start)
    stretches: list[tuple[bool, str]] = []
    position = 0
    for start, end in runs:
        if start < position:
            continue
        same = by_length[end - start]
        index = bisect_right(same, start)
        if index < len(same) and "\n\n" not in text[end : min(same[index], end + 2_000)] and same[index] < end + 2_000:
            stop = same[index] + end - start
            stretches += [(False, text[position:start]), (True, text[start:stop])]
            position = stop
    return [*stretches, (False, text[position:])]


def _prose(text: str, mdx: bool) -> str:
    if mdx:
        text = _without_statements(text)
        text = _plain_html_tags(_without_tags(text, lambda name, closing: True))
        return _without_expressions(_STRING_EXPRESSION.sub(r"\2", text))
    return _without_tags(text, lambda name, closing: _is_component(name, text))


def _is_component(name: str, text: str) -> bool:
    """In Markdown a capitalised word in angle brackets may be a placeholder such as `<Name>`."""
    return (
        bool(name)
        and any(c.islower() for c in name)
        and (f"</{name}>" in text or bool(re.search(rf"<{re.escape(name)}\b[^<>]*/>", text)))
    )


def _without_statements(text: str) -> str:
    """Without import and export statements; one ends at its last closing bracket or at a blank line."""
    parts: list[str] = []
    position = 0
    for found in _STATEMENT.finditer(text):
        if found.start() < position:
            continue
        parts.append(text[position : found.start()])
        blank = text.find("\n\n", found.start())
        line_end = text.find("\n", found.start())
        single = found.group().startswith("import") or line_end < 0
        balanced = _balanced_end(text, found.start(), blank if blank >= 0 else len(text))
        position = found.end() if single else balanced
    return "".join([*parts, text[position:]])


def _balanced_end(text: str, start: int, fallback: int) -> int:
    """The end of the first line at which every bracket since `start` is closed."""
    depth = 0
    for position in range(start, min(len(text), start + 20_000)):
        letter = text[position]
        depth += (letter in "{[(") - (letter in "}])")
        if letter == "\n" and depth <= 0:
            return position
    return fallback


def _without_tags(text: str, wanted: Callable[[str, bool], bool]) -> str:
    parts: list[str] = []
    position = endless = 0
    known: dict[str, bool] = {}
    for found in _COMPONENT.finditer(text):
        name = found.group(2)
        if found.start() < position:
            continue
        if name not in known:
            known[name] = wanted(name, bool(found.group(1)))
        end = _tag_end(text, found.end()) if known[name] else position
        if end < 0:
            endless += 1
        if endless > MAX_ENDLESS_TAGS:
            break
        if end <= position:
            continue
        parts += [text[position : found.start()], "" if found.group(1) else _words_of(text[found.end() : end - 1])]
        position = end
    return "".join([*parts, text[position:]])


def _plain_html_tags(text: str) -> str:
    """HTML tags without JSX in their attributes, which no reader of HTML knows."""
    parts: list[str] = []
    position = endless = 0
    for found in _HTML_TAG.finditer(text):
        if found.start() < position:
            continue
        mark = text.find(">", found.end())
        if mark < 0:
            break
        # Most tags hold no brace, and looking for the end of each with all its quotes would take long.
        if text.find("{", found.end(), mark) < 0:
            continue
        end = _tag_end(text, found.end())
        endless += end < 0
        if endless > MAX_ENDLESS_TAGS:
            break
        if end > 0:
            parts += [text[position : found.end()], plain_attributes(text[found.end() : end - 1]), ">"]
            position = end
    return "".join([*parts, text[position:]])


def _tag_end(text: str, start: int) -> int:
    """One past the `>` that ends the tag, quotes and braces respected; -1 when there is none near."""
    depth, quote = 0, ""
    for position in range(start, min(len(text), start + MAX_TAG_LENGTH)):
        letter = text[position]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'" and text[position - 1] in "={(,: [":
            quote = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
        elif letter == ">" and depth <= 0:
            return position + 1
    return -1


def _words_of(attributes: str) -> str:
    """What a component's attributes tell the reader: its title, with its link if it has one."""
    known = {name: double or single for name, double, single in _ATTRIBUTE.findall(plain_attributes(attributes))}
    code = code_block(unescape(known["code"]), known.get("language", "")) if known.get("code") else ""
    title = next((known[name] for name in _TITLES if known.get(name)), "")
    target = known.get("href") or known.get("to") or ""
    if not title:
        return code or (f"![{known['alt']}]({known.get('src', '')})" if known.get("alt") else "")
    return (f"\n\n[{title}]({target})\n\n" if target else f"\n\n**{title}**\n\n") + code


def _without_expressions(text: str) -> str:
    """Without `{...}`, but for heading ids and escaped braces; unbalanced braces stay."""
    parts: list[str] = []
    position = depth = start = 0
    for found in re.finditer(r"\\.|[{}]", text, re.DOTALL):
        letter = found.group()
        if letter == "{":
            start = found.start() if depth == 0 else start
            depth += 1
        elif letter == "}" and depth:
            depth -= 1
            if depth == 0 and text[start + 1 : start + 2] != "#":
                parts.append(text[position:start])
                position = found.end()
    return "".join([*parts, text[position:]])
