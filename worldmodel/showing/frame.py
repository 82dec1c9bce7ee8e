"""The frame of every page and report: one HTML file that needs no network, no script and no other file."""

from collections.abc import Sequence
from dataclasses import dataclass

from worldmodel.markup import Html, fill, join

STYLE = Html("""
:root { color-scheme: light dark; --line: #8884; --quiet: #666; --warn: #fff4d6; --warn-text: #5c4400; }
@media (prefers-color-scheme: dark) { :root { --quiet: #aaa; --warn: #3b2f0b; --warn-text: #ffe9a8; } }
body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
img { max-width: 100%; background: #fff; border-radius: 6px; }
pre, code { font: 13px/1.5 ui-monospace, monospace; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: 6px; }
.made-up { background: var(--warn); color: var(--warn-text); padding: .8rem 1rem; border-radius: 6px; }
.quiet { color: var(--quiet); }
""")

NOTHING = Html("")

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>$title</title>
<style>$style</style>
</head>
<body>
<h1>$title</h1>
$body
</body>
</html>
"""


@dataclass(frozen=True)
class Section:
    """A heading and what stands below it."""

    title: str
    body: Html


def page(title: str, opening: Html, sections: Sequence[Section], style: Html = NOTHING) -> str:
    """The whole file as text; `style` is added to the sheet that all pages share."""
    parts = [fill("<section><h2>$title</h2>\n$body</section>", title=part.title, body=part.body) for part in sections]
    return fill(PAGE, title=title, style=join([STYLE, style]), body=join([opening, *parts])).text


def paragraphs(sentences: Sequence[str]) -> Html:
    """Each sentence as a paragraph."""
    return join(fill("<p>$sentence</p>", sentence=sentence) for sentence in sentences)


def bullets(items: Sequence[str]) -> Html:
    """A list."""
    return fill("<ul>$items</ul>", items=join(fill("<li>$item</li>", item=item) for item in items))
