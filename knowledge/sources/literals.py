"""JSX within MDX that is no component: template literals, attributes with expressions, labels of tabs."""

import re

# A code span ends here too, so that the backticks within it are never taken for a literal's.
_LITERAL = re.compile(
    r"(?<![\\`])(`+)(?!`)(?:(?!\n\n).){1,2000}?(?<!`)\1(?!`)|\{\s*`((?:[^`\\]|\\.)*)`\s*\}", re.DOTALL
)
_OPENED = re.compile(r"<([A-Za-z][\w.]*)((?:[^<>]|=>)*)>\s*\Z")
_CODE_NAME = re.compile(r"code|pre\Z|terminal|shell|console|snippet|highlight|prism|command", re.IGNORECASE)
_LANGUAGE = re.compile(r"\b(?:language|lang)=[\"']([\w+#.-]{1,20})[\"']|\blanguage-([\w+#.-]{1,20})")
_INTERPOLATION = re.compile(r"\$\{[^{}]*\}")
_EXPRESSION = re.compile(r"\"[^\"]*\"|'[^']*'|(?:(?<![\w:.-])([A-Za-z_][\w:.-]*+)\s*+=\s*)?\{")
_VALUE = re.compile(r"\s*(?:(?P<quote>[\"'])(?P<words>(?:(?!(?P=quote)).)*)(?P=quote)|(?P<number>\d+))\s*", re.DOTALL)
_WRAPPED = re.compile(r"\s*[\w.]+\(\s*([\"'])((?:(?!\1)[^\n])*)\1[^\"'()]*\)[\w.]*\s*")
_ADDRESSES = frozenset(["src", "href", "to", "poster"])
_TAB = re.compile(
    r"\{(?=[^{}]*\blabel[\"']?\s*:\s*[\"']([^\"']*)[\"'])(?=[^{}]*\bvalue[\"']?\s*:\s*[\"']([^\"']*)[\"'])[^{}]*\}"
    r"|<TabItem(?![^<>]*\slabel=)(?=\s[^<>]*?\bvalue=[\"']([^\"']*)[\"'])"
)


def readable_literals(text: str) -> str:
    """Prose with its template literals as HTML: code where they are code, else words; an attribute's are quoted."""
    return _LITERAL.sub(lambda found: found.group() if found.group(1) else _literal(text, found), text)


def _literal(text: str, found: re.Match[str]) -> str:
    written = re.sub(r"\\([`\\$])", r"\1", found.group(2))
    before = text[max(0, found.start() - 400) : found.start()]
    if before.rstrip().endswith("="):
        return f'"{_safe(_INTERPOLATION.sub("", written))}"'
    opened = _OPENED.search(before)
    name = opened.group(1) if opened else ""
    if name in ("pre", "code"):
        return _safe(written)
    if name and (_CODE_NAME.search(name) or (name[0].isupper() and "\n" in written.strip())):
        language = _LANGUAGE.search(opened.group(2) if opened else "")
        line = before.rpartition("\n")[2]
        margin = line[: len(line) - len(line.lstrip())]
        return code_block(written, (language.group(1) or language.group(2)) if language else "", margin)
    return _safe(_INTERPOLATION.sub("", written))


def code_block(code: str, language: str = "", margin: str = "") -> str:
    """Code as HTML that no later step takes for markup: a line within its paragraph, more as a block.

    `margin` is the white space before the line it stands in: a block within a list keeps to its item.
    """
    if "\n" not in code.strip():
        return f"<code>{_safe(code.strip())}</code>"
    mark = f' class="language-{language}"' if language else ""
    lines = _safe(code.strip("\n").rstrip()).replace("\n", f"\n{margin}")
    return f"\n\n{margin}<pre><code{mark}>{lines}</code></pre>\n\n{margin}"


def _safe(text: str) -> str:
    """The text with every mark, and the first letter of every line, as a character reference."""
    return re.sub(r"^\w|[^\w\s]", lambda found: f"&#{ord(found.group())};", text, flags=re.MULTILINE)


def plain_attributes(attributes: str) -> str:
    """A tag's attributes without JSX expressions: literals are quoted, all else goes with its name.

    An address may stand within a call, such as `useBaseUrl('/a.png')`.
    """
    parts: list[str] = []
    position = 0
    for found in _EXPRESSION.finditer(attributes):
        if found.start() < position or not found.group().endswith("{"):
            continue
        end = _closing_brace(attributes, found.end())
        value = _value(found.group(1) or "", attributes[found.end() : end])
        parts.append(attributes[position : found.start()])
        if found.group(1) and value is not None:
            parts.append(f'{found.group(1)}="{value.replace(chr(34), "&quot;")}"')
        position = end + 1
    return "".join([*parts, attributes[position:]])


def _value(name: str, expression: str) -> str | None:
    literal = _VALUE.fullmatch(expression)
    if literal:
        return literal["number"] or literal["words"] or ""
    wrapped = _WRAPPED.fullmatch(expression) if name in _ADDRESSES else None
    return wrapped.group(2) if wrapped else None


def _closing_brace(text: str, start: int) -> int:
    """Where the brace closes that was opened before `start`, quotes respected; the end where it never does."""
    depth, quote = 1, ""
    for position in range(start, len(text)):
        letter = text[position]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "{}":
            depth += 1 if letter == "{" else -1
            if not depth:
                return position
    return len(text)


def labelled_tabs(text: str, labels: dict[str, str]) -> str:
    """The text with the labels that `<Tabs values={…}>` gives on the tabs themselves; `labels` goes on growing."""

    def label(found: re.Match[str]) -> str:
        given, value, wanted = found.groups()
        if value is not None:
            labels[value] = given
        elif wanted in labels:
            return f'{found.group()} label="{labels[wanted]}"'
        return found.group()

    return _TAB.sub(label, text)
