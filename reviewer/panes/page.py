"""Panes as one HTML file that needs no script, no network and no other file.

Texts go through the one template function that escapes and makes hidden characters visible; pictures and equations are
markup that our own code wrote the same way.
"""

from collections.abc import Iterable, Sequence
from typing import assert_never

from reviewer.panes.in_short import findings
from reviewer.panes.pane import Block, Drawing, Formula, Pane, Sentence, Table, Tone
from reviewer.panes.terminal import GLYPHS
from worldmodel.markup import Html, fill, join
from worldmodel.markup import table as table_markup
from worldmodel.showing.frame import Section, paragraphs
from worldmodel.showing.frame import page as page_markup

STYLE = Html("""
body { max-width: 76rem; }
.pane p { margin: .35rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.pane .bad { color: #b3261e; font-weight: 600; } .pane .good { color: #2f7d3b; } .pane .unsure { color: #9a6200; }
.pane figure { margin: 1rem 0; } .pane figcaption { color: var(--quiet); margin: .2rem 0; }
.pane .picture { overflow-x: auto; border: 1px solid #8884; border-radius: 8px; background: #fff; }
.pane .picture svg { display: block; margin: 0 auto; max-width: none; }
.pane .grid { overflow-x: auto; } .pane .grid p { color: var(--quiet); margin-bottom: -.6rem; }
.pane td { overflow-wrap: anywhere; max-width: 40rem; } .pane th[scope="row"] { font-weight: 500; }
.pane .equation { overflow-x: auto; padding: .3rem 1.2rem; } .pane .equation math { font-size: 1.15rem; }
.short ol { padding-left: 1.4rem; } .short li { margin: .4rem 0; } .short p { margin: .1rem 0; }
.pane summary { cursor: pointer; } .pane details { margin: .3rem 0; }
math[display="block"] { display: block math; margin: 0; width: max-content; }
@media (prefers-color-scheme: dark) {
  .pane .bad { color: #ff9088; } .pane .good { color: #7fd28d; } .pane .unsure { color: #f0b95e; }
}
""")
_SAID: dict[Tone, str] = {"plain": "", "good": "good: ", "bad": "warning: ", "unsure": "note: "}


def panes_page(title: str, panes: Sequence[Pane], closing: Sequence[str] = ()) -> str:
    """The whole page as text; the same panes give the same bytes."""
    sections = [Section(pane.title, pane_fragment(pane)) for pane in panes]
    notes = fill('<footer class="pane">$notes</footer>', notes=paragraphs(closing))
    rest = [Section("What a vote binds", notes)] if closing else []
    return page_markup(title, _in_short(panes), [*sections, *rest], STYLE)


def _in_short(panes: Sequence[Pane]) -> Html:
    """What each pane finds, with the way to it."""
    item = '<li><a href="#pane-$id">$title</a>$said</li>'
    items = [fill(item, id=pane.id, title=pane.title, said=join(map(_said, findings(pane)), "")) for pane in panes]
    return fill(
        '<nav class="pane short" aria-label="In short"><h2>In short</h2><ol>$items</ol></nav>', items=join(items)
    )


def _said(sentence: Sentence) -> Html:
    return _sentence(sentence.text, sentence.tone)


def pane_fragment(pane: Pane) -> Html:
    """One pane without its title, to stand inside a page."""
    body = join(_block(block) for block in pane.blocks)
    if pane.collapsed:
        body = fill("<details><summary>closed; open it last</summary>$body</details>", body=body)
    return fill('<div class="pane" id="pane-$id">$body</div>', id=pane.id, body=body)


def _block(block: Block) -> Html:
    match block:
        case Sentence(text, tone):
            return _sentence(text, tone)
        case Table():
            return _table(block)
        case Drawing():
            return _drawing(block)
        case Formula(_, mathml):
            return fill('<div class="equation">$math</div>', math=Html(mathml))
        case _:
            assert_never(block)


def _sentence(text: str, tone: Tone) -> Html:
    if tone == "plain":
        return fill("<p>$text</p>", text=text)
    return fill(
        '<p class="$tone"><span aria-label="$said">$glyph</span> $text</p>',
        tone=tone,
        said=_SAID[tone],
        glyph=GLYPHS[tone],
        text=text,
    )


def _table(table: Table) -> Html:
    rows: Iterable[Sequence[str]] = table.rows
    return fill(
        '<div class="grid"><p>$caption</p>$table</div>', caption=table.caption, table=table_markup(table.headings, rows)
    )


def _drawing(drawing: Drawing) -> Html:
    return fill(
        '<figure><figcaption>$words</figcaption><div class="picture">$svg</div>'
        "<details><summary>The same as a table</summary>$table</details></figure>",
        words=drawing.description,
        svg=Html(drawing.svg),
        table=_table(drawing.table),
    )
