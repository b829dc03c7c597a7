"""Markdown and MDX as help centres write them, to the text that answers quote."""

import pytest

from knowledge.sources.article import Article, Unreadable
from knowledge.sources.parsing import parse


def article(source: str, path: str = "guide/page.md") -> Article:
    return parse(path, source.encode())


def text(source: str, path: str = "guide/page.md") -> str:
    return article(source, path).text


UNTOUCHED = [
    "One paragraph\n\nand another.",
    "## Heading\n\n### Below it\n\nWords.",
    "* one\n* two\n  * nested\n* three",
    "3. third\n4. fourth\n\n   more of the fourth\n5. fifth",
    "| Board | Volts |\n| --- | --- |\n| UNO | 5 |\n| Zero | 3.3 |",
    "```cpp\nvoid setup() {\n  // <b>not</b> {markup} [!NOTE]\n}\n```",
    "Use `<port>` and `{{ name }}` and `C:\\Users\\{me}`.",
    "[text](https://a.example/b?c=d#e) and ![a board](img/board.png)",
    "> A quote\n>\n> of two paragraphs",
    "**bold** *em* _em_ ~~gone~~ snake_case_name 5 * 3 2_000",
]


@pytest.mark.parametrize("source", UNTOUCHED)
def test_plain_markdown_stays_as_it_was_written(source: str) -> None:
    assert text("Start.\n\n" + source) == "Start.\n\n" + source


CLEANED = [
    ("Link [a](https://b.example){.link-external} on.", "Link [a](https://b.example) on."),
    ('Link [a](https://b.example){:target="_blank"} on.', "Link [a](https://b.example) on."),
    ("{: .note }\nText.", "Text."),
    ("Text <!-- hidden --> on.", "Text on."),
    ("> [!WARNING]\n> Hot.", "> **Warning:**\n>\n> Hot."),
    (":::tip Save first\nText.\n:::", "**Save first**\n\nText."),
    (":::note\nText.\n:::", "**Note**\n\nText."),
    ('!!! warning "Careful"\n    Text.\n\n    More.\n\nAfter.', "**Careful**\n\nText.\n\nMore.\n\nAfter."),
    ('=== "Windows"\n    1. Click.\n=== "macOS"\n    1. Tap.', "**Windows**\n\n1. Click.\n\n**macOS**\n\n1. Tap."),
    ('{% hint style="info" %}\nText.\n{% endhint %}', "Text."),
    ('{{< tabs >}}\n{{% tab name="Linux" %}}\nText.\n{{% /tab %}}\n{{< /tabs >}}', "**Linux**\n\nText."),
    ("[TOC]\n\nText.", "Text."),
    ("[Edit this page](https://github.example/edit)\n\nText.", "Text."),
    ("Press <kbd>Ctrl</kbd>+<kbd>C</kbd>.", "Press Ctrl+C."),
    ("H<sub>2</sub>O<br>next line", "H2O\nnext line"),
    ("Upload to <port> now", "Upload to <port> now"),
    ("The <title> tag", "The <title> tag"),
    ("Text\n\n<script>\nsteal()\n</script>\n\nAfter", "Text\n\nAfter"),
    ("<details><summary>More</summary>\n\nInside **it**.\n\n</details>", "**More**\n\nInside **it**."),
    ("Old code:\n\n    run --fast\n\nAfter.", "Old code:\n\n```\nrun --fast\n```\n\nAfter."),
    ("Setext\n------\n\nText.", "## Setext\n\nText."),
    ("See [it][1].\n\n[1]: https://a.example", "See [it](https://a.example)."),
    ('<a href="javascript:alert(1)">x</a> <a href=" java\tscript:a">y</a> <a href="//b.example">z</a>', "x y z"),
    ("1\\. not a list\n\n\\# not a heading", "1\\. not a list\n\n\\# not a heading"),
    ("Above\n\n---\n\nBelow", "Above\n\nBelow"),
    ('<div>\n\n    <p class="x">Kept <b>HTML</b></p>\n\n</div>', "Kept **HTML**"),
    ('<p style="display:none">keywords</p>\n\nText.', "Text."),
]


LEFT_OVER = [
    ("A note[^1].\n\n[^1]: Words of it.", "A note (Words of it)."),
    ("A[^a] b [^a] c[^9].\n\n[^a]: One.\n\n    Two.\n\nAfter.", "A (One. Two.) b c.\n\nAfter."),
    ("Now^[only here] and `^[x]` `[^1]`.", "Now (only here) and `^[x]` `[^1]`."),
    ("## Price[^p]\n\nText.\n\n[^p]: In euros.", "## Price\n\nIn euros.\n\nText."),
    ("| A | B |\n| --- | --- |\n| 1[^n] | 2 |\n\n[^n]: A | b.", "| A | B |\n| --- | --- |\n| 1 (A \\| b) | 2 |"),
    ("Letters but [^a-z] go.", "Letters but [^a-z] go."),
    (
        "Both[^a][^b]: x.\n\n[^a]: One.\n[^b]: https://b.example/c/d",
        "Both (One) ([b.example](https://b.example/c/d)): x.",
    ),
    ("At[^l]\n\n[^l]: Either:\n    * `a`\n    * `b`\n\nAfter.", "At (Either: `a`; `b`)\n\nAfter."),
    ("Text.\n\n[^x]: https://a.example/b\n\nAfter.", "Text.\n\nAfter."),
    ("Text.\n[^x]: Nobody calls this.\n\nAfter.", "Text.\n\nNobody calls this.\n\nAfter."),
    ("[^a] begins.\n\n[^a]: One.", "(One) begins."),
    ("See [[Hub]], [[Hub setup|the setup]], [[Hub#Reset]] ![[a.png]].", "See Hub, the setup, Hub: Reset ."),
    (
        "[[1,2],[3]] and [[ -f x ]] and [[1]](https://a.example)",
        "[[1,2],[3]] and [[ -f x ]] and [[1]](https://a.example)",
    ),
    ("**Note:**Save. a**(b)**c and **d **, ** e**", "**Note:** Save. a **(b)** c and **d**, **e**"),
    ("**`x`**now **a\nb:**c", "**`x`** now **a b:** c"),
    ("2 ** 3 ** 4 and src/**/a/**/b and **a**b", "2 ** 3 ** 4 and src/**/a/**/b and **a**b"),
    ("A ==light== mark, x==1 and y==2.", "A light mark, x==1 and y==2."),
    ("- [ ] Open\n- [x] Done", "- Open\n- Done"),
    ("1. Press it. {#press}\n2. Wait.", "1. Press it.\n2. Wait."),
    ('See [it].\n[it]: https://a.example "It"', "See [it](https://a.example)."),
    ("Term\n: What it is.", "Term\n\nWhat it is."),
    ("*[HTML]: Hypertext\n%% aside %%\nText.", "Text."),
]


@pytest.mark.parametrize(("source", "expected"), [*CLEANED, *LEFT_OVER])
def test_what_is_no_text_goes_and_what_is_text_stays(source: str, expected: str) -> None:
    assert text("Start.\n\n" + source) == "Start.\n\n" + expected


def test_code_is_left_alone_whatever_it_looks_like() -> None:
    code = "a ==b== [[c]] **d:**e [^1] :::note {#f} <!-- g -->\n[^1]: h\n*[i]: j\n- [ ] k"
    indented = code.replace("\n", "\n    ")
    source = f"Start.\n\n```\n{code}\n```\n\n    {indented}\n\n- In a list:\n\n  ```\n  [[l]]\n  ```"
    fenced = f"```\n{code}\n```"
    assert text(source) == f"Start.\n\n{fenced}\n\n{fenced}\n\n- In a list:\n\n  ```\n  [[l]]\n  ```"


def test_imports_before_all_words_are_no_words() -> None:
    imports = "<!-- note -->\nimport A from './a'\nimport {\n  B,\n} from \"b\";\n\n"
    assert text(f"---\ntitle: T\n---\n{imports}# T {{#top}}\n\n<A />Text.") == "Text."
    example = "Write:\n\nimport A from './a'"
    assert text(example) == example


def test_html_tables_become_tables() -> None:
    source = """<table><tr><th>A</th><th colspan="2">B</th></tr>
<tr><td rowspan="2">1 | x</td><td>2</td><td><ul><li>p</li><li>q</li></ul></td></tr>
<tr><td>3</td><td>4<br>5</td></tr></table>"""
    assert text(source) == "| A | B | B |\n| --- | --- | --- |\n| 1 \\| x | 2 | - p; - q |\n| 1 \\| x | 3 | 4 5 |"


def test_every_column_of_an_html_table_has_its_head_and_what_spans_several_stands_in_each() -> None:
    source = """<table><tr><th colspan="3">All plans</th></tr>
<tr><th rowspan="2">Plan</th><th colspan="2">Storage</th></tr><tr><th>Included</th><th>Most</th></tr>
<tr><th colspan="3">Business</th></tr>
<tr><th>Team</th><td>1 GB</td><td>2 GB</td></tr><tr><th>Large</th><td colspan="2">unlimited</td></tr></table>"""
    assert text(source) == (
        "All plans\n\n| Plan | Storage Included | Storage Most |\n| --- | --- | --- |\n| Business |  |  |\n"
        "| Team | 1 GB | 2 GB |\n| Large | unlimited | unlimited |"
    )


def test_a_table_of_nothing_but_heads_and_one_without_any_have_their_first_row_for_one() -> None:
    rows = "<table>{}</table>".format("".join(f"<tr><{{0}}>{n}</{{0}}><{{0}}>x</{{0}}></tr>" for n in range(5)))
    assert all(text(rows.format(cell)).startswith("| 0 | x |\n| --- | --- |\n| 1 | x |") for cell in ("td", "th"))


def test_a_long_text_over_many_columns_and_rows_is_not_repeated_in_each() -> None:
    rows = f'<tr><td>A</td><td rowspan="9" colspan="90">{"word " * 100}</td></tr>{"<tr><td>B</td></tr>" * 9}'
    assert len(text(f"<table>{rows}</table>")) < 20_000


def test_ids_before_in_and_after_headings_are_kept() -> None:
    headings = ['<a id="first"></a>\n\n## One', "## Two {#second}", '## <a name="third"></a>Three', "## Four"]
    source = "\n\nText.\n\n".join([*headings, ""])
    headings = [line for line in text(source).split("\n") if line.startswith("##")]
    assert headings == ["## One {#first}", "## Two {#second}", "## Three {#third}", "## Four"]


def test_mdx_keeps_the_text_within_components() -> None:
    source = """---
title: Install
---
import Tabs from '@theme/Tabs';
import { A, B } from "./x.js"
export const version = {
  major: 1,
};

Intro {/* comment */} with {version.major}.

<Tabs groupId="os" onChange={() => { a > b }}>
  <TabItem value="win" label="Windows">

    1. Click **Run**.

  </TabItem>
  <TabItem value="mac" label="macOS">
  Open it.
  </TabItem>
</Tabs>
<Card title="Guide" href="https://a.example/guide" />
<Icon name={x} />

```jsx
import X from 'y';
<Tabs>{kept}</Tabs>
```

## Set up {#setup}

Use `<Tabs>` and `{braces}`.
"""
    assert text(source, "a.mdx") == (
        "Intro with .\n\n**Windows**\n\n1. Click **Run**.\n\n**macOS**\n\nOpen it.\n\n"
        "[Guide](https://a.example/guide)\n\n```jsx\nimport X from 'y';\n<Tabs>{kept}</Tabs>\n```\n\n"
        "## Set up {#setup}\n\nUse `<Tabs>` and `{braces}`."
    )


def test_titles_come_from_front_matter_then_heading_then_file_name() -> None:
    assert article("---\ntitle: Front\n---\n# Heading\n\nText.").title == "Front"
    assert article("# Heading\n\nText.").title == "Heading"
    assert article("# Heading\n\nText.").text == "Text."
    assert article("Text only.", "guide/reset-your_password.md").title == "reset your password"
    assert article("# Only this").text == "# Only this"


def test_relative_links_become_absolute_where_the_address_is_known() -> None:
    source = "---\nurl: https://a.example/docs/page\n---\n[a](/b) [c](other) [d](other.md) [e](#f)"
    assert text(source) == "[a](https://a.example/b) [c](https://a.example/docs/other) [d](other.md) [e](#f)"


@pytest.mark.parametrize("source", ["", " \n\n ", "---\ntitle: x\n---\n", "<!-- only -->", "\u200b\u200b"])
def test_an_article_without_text_is_refused(source: str) -> None:
    with pytest.raises(Unreadable):
        article(source)


def test_a_footnote_is_not_lost_where_an_article_is_kept_as_it_is() -> None:
    assert "It costs 5." in text("> " * 30 + "Deep[^1].\n\n[^1]: It costs 5.")
