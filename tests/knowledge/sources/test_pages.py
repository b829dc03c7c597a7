"""Whole HTML pages, as sites serve them, to the text of their article."""

import pytest

from knowledge.sources.parsing import parse

PAGE = """<!doctype html>
<html lang="en"><head><title>Reset your board | Acme Help</title><style>p { color: red }</style></head>
<body>
<header><a href="/">Acme Help</a><form><input name="q"><button>Search</button></form></header>
<div class="navbar navbar-fixed"><ul class="menu"><li><a href="/a">All articles</a></li></ul></div>
<div id="wrapper">
  <div id="sidebar"><h3>Popular</h3><ul><li><a href="/p">Popular article</a></li></ul></div>
  <div class="content">
    <h1>Reset your board</h1>
    <p>Use the <a href="https://a.example/tool">reset tool</a>, in <span class="menu">File</span>.</p>
    <section><header><h2>By hand</h2></header>
    <ol><li>Unplug it:<ul><li>the <b>cable</b></li><li>the battery</li></ul></li><li>Wait.</li></ol></section>
    <h2 class="header">Codes</h2>
    <table><tr><th class="header">Light</th><th>Meaning</th></tr><tr><td>Red</td><td>Fault</td></tr></table>
    <pre><code class="language-sh">reset --hard</code></pre>
    <p><img src="/board.png" alt="The reset button"></p>
  </div>
</div>
<div class="footer"><a href="/imprint">Imprint</a></div>
<footer><p>&copy; 2024 Acme. All rights reserved.</p></footer>
</body></html>"""
TEXT = """Use the [reset tool](https://a.example/tool), in File.

## By hand

1. Unplug it:
   - the **cable**
   - the battery
2. Wait.

## Codes

| Light | Meaning |
| --- | --- |
| Red | Fault |

```sh
reset --hard
```

![The reset button](/board.png)"""


def test_a_page_without_a_main_part_loses_its_furniture_alone() -> None:
    article = parse("reset.html", PAGE.encode())
    assert (article.title, article.text, article.locale) == ("Reset your board", TEXT, "en")


@pytest.mark.parametrize(
    "body",
    [
        "<article><header><h1>Title</h1></header><div class='menu'><p>Text.</p></div></article>",
        "<main><div class='header'><h1>Title</h1></div><p id='footer'>Text.</p></main>",
        "<div class='header'>Acme</div><div id='main-menu'>"
        "<article><header><h1>Title</h1></header>Text.</article></div>"
        "<article>Other.</article>",
        "<header><h1>Title</h1></header><p>Text.</p>",
        "<h1>Title</h1><section id='menu'><p>Text.</p></section>",
        "<div class='page-header'><h1>Title</h1></div><p class='menu-item'>Text.</p>",
    ],
)
def test_what_holds_the_article_stays(body: str) -> None:
    article = parse("a.html", f"<html><body>{body}</body></html>".encode())
    assert (article.title, article.text.replace("\n\nOther.", "")) == ("Title", "Text.")


def test_a_header_with_the_name_of_the_site_goes_where_the_article_has_its_own_title() -> None:
    body = b"<html><body><header><h1>Acme</h1></header><div><h1>Title</h1><p>Text.</p></div></body></html>"
    article = parse("a.html", body)
    assert (article.title, article.text) == ("Title", "Text.")
