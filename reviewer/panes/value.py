"""A pane as a value for machines and for the notebook: plain JSON, with each block's kind named."""

from typing import Any, assert_never

from reviewer.panes.pane import Block, Drawing, Formula, Pane, Sentence, Table


def pane_value(pane: Pane) -> dict[str, Any]:
    """The pane; texts in it are as untrusted as before, and only `svg` and `mathml` are markup."""
    return {
        "id": pane.id,
        "title": pane.title,
        "collapsed": pane.collapsed,
        "blocks": [block_value(block) for block in pane.blocks],
    }


def block_value(block: Block) -> dict[str, Any]:
    """One block by its kind: sentence, table, drawing or formula."""
    match block:
        case Sentence(text, tone):
            return {"kind": "sentence", "text": text, "tone": tone}
        case Table():
            return {"kind": "table", **_table(block)}
        case Drawing(svg, description, table):
            return {"kind": "drawing", "svg": svg, "description": description, "table": _table(table)}
        case Formula(text, mathml, latex):
            return {"kind": "formula", "text": text, "mathml": mathml, "latex": latex}
        case _:
            assert_never(block)


def _table(table: Table) -> dict[str, Any]:
    return {"caption": table.caption, "headings": list(table.headings), "rows": [list(row) for row in table.rows]}
