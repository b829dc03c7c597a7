"""MDX: what JSX says about presentation goes, and every word that a reader sees stays."""

import pytest

from knowledge.sources.parsing import parse

HTML_WITHIN = [
    (
        "<table><tr><td>a</td><td>b</td></tr>\n<tr><td>c</td><td>d</td></tr></table>",
        "| a | b |\n| --- | --- |\n| c | d |",
    ),
    (
        '<video controls title="Tour"><source src="https://a.example/v.mp4" /></video>',
        "[Tour](https://a.example/v.mp4)",
    ),
    ('A <a href="/x">link</a> and <b>bold</b> words.', "A [link](/x) and **bold** words."),
    ("<h2>Head</h2>\n<p>Para</p>", "## Head\n\nPara"),
    ("<>\nA fragment\n</>", "A fragment"),
    ("<motion.div animate={{x: 1}}>\nMoving\n</motion.div>", "Moving"),
]
EXPRESSIONS = [
    ("<img src={useBaseUrl('/a.png')} alt=\"Pic\" />", "![Pic](/a.png)"),
    ("<img src={picture} alt={'Pic'} width={3} />", "Pic"),
    ("<a href={url}>one</a> <a href={'/x'}>two</a>", "one [two](/x)"),
    ("<span style={{color: 'red', a: {b: 1}}}>red</span> hat", "red hat"),
    ("<p hidden={!open} onClick={() => go('x') > 1} {...rest}>Kept</p>", "Kept"),
    ("<Card title={'Hello world'} href={\"/x\"} />", "[Hello world](/x)"),
    ("<Image src={require('./a.png').default} alt={`The ${name} board`} />", "![The board](./a.png)"),
    ("{`plain ${x} words`} {'and'} {more}", "plain words and"),
]
CODE = [
    ("<CodeBlock>{`npm run {x}`}</CodeBlock>", "`npm run {x}`"),
    ("Type <code>{`a {b}`}</code> now.", "Type `a {b}` now."),
    ("<Code code={`npm run x`} /> starts it.", "`npm run x` starts it."),
    (
        '<CodeBlock language="js">\n{`export const a = {\n\n  b: ${c}\n!!! \\`note\\``}\n</CodeBlock>',
        "```js\nexport const a = {\n\n  b: ${c}\n!!! `note`\n```",
    ),
    (
        "1. Type\n\n   <CodeBlock>{`if a:\n  b\n\nc`}</CodeBlock>\n\n   and wait.\n2. Go on.",
        "1. Type\n\n   ```\n   if a:\n     b\n\n   c\n   ```\n\n   and wait.\n2. Go on.",
    ),
    ("Use `{` and `}` or ``{`x`}`` here.", "Use `{` and `}` or ``{`x`}`` here."),
    ("```jsx\n<Code code={`x`} />\n<img src={a} />\n```", "```jsx\n<Code code={`x`} />\n<img src={a} />\n```"),
]


@pytest.mark.parametrize(("source", "expected"), [*HTML_WITHIN, *EXPRESSIONS, *CODE])
def test_jsx_goes_and_words_stay(source: str, expected: str) -> None:
    article = parse("a.mdx", f"Start.\n\n{source}\n\nThe rest.".encode())
    assert article.text == f"Start.\n\n{expected}\n\nThe rest."


def test_navigation_goes_and_nothing_after_it() -> None:
    assert parse("a.mdx", b'Start.\n\n<nav><a href="/">Home</a></nav>\n\nThe rest.').text == "Start.\n\nThe rest."


def test_tabs_are_named_by_their_list_of_values() -> None:
    source = """<Tabs values={[{label: 'Linux', value: 'l'}, {"value": "m", "label": "macOS"}]}>
<TabItem value="l">

```
<TabItem value="l">
```

</TabItem>
<TabItem value="m" default>Open it.</TabItem>
<TabItem value="m" label="Mac">Own.</TabItem>
</Tabs>"""
    expected = '**Linux**\n\n```\n<TabItem value="l">\n```\n\n**macOS**\n\nOpen it.\n\n**Mac**\n\nOwn.'
    assert parse("a.mdx", source.encode()).text == expected
