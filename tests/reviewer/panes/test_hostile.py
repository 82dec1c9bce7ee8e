"""A proposal whose every text tries to be markup, to reorder what stands around it, or to pose as ours."""

from html.parser import HTMLParser

import pytest

from reviewer.panes.compare import pane_of, panes_of
from reviewer.panes.page import panes_page
from reviewer.panes.pane import Drawing, Pane, Sentence, Table
from reviewer.panes.subject import Settings, Subject
from reviewer.panes.terminal import pane_text, panes_text
from tests.reviewer.panes.line_world import FILES, X_PATH, mechanism

EVIL = "</p></td>\"'><script>alert(1)</script><img src=x onerror=y><a href=//e.com>$text ${body}\u202egnp\u200b\x1b[2J"
POSE = "fine\n== What must hold, before and after\n✓ all 3 properties hold"
ALLOWED = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "h1",
        "h2",
        "nav",
        "ol",
        "li",
        "a",
        "p",
        "span",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "section",
        "figure",
        "figcaption",
        "details",
        "summary",
        "footer",
        "svg",
        "g",
        "rect",
        "path",
        "text",
        "circle",
        "math",
        "mrow",
        "mi",
        "mo",
        "mn",
        "msub",
        "msup",
        "mfrac",
        "msqrt",
        "mtext",
        "mtable",
        "mtr",
        "mtd",
        "mspace",
        "mstyle",
        "munder",
    ]
)


class Tags(HTMLParser):
    """Every tag and attribute of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keeps it."""
        self.found.append((tag, dict(attrs)))


def hostile(text: str = EVIL, prose: str = POSE) -> Subject:
    """A change with this text wherever the author may write."""
    quoted = text.encode("unicode_escape").decode().replace("\\x1b", "\\u001b").replace('"', '\\"')
    changed = mechanism("motion", "x", "Normal(0.9 * x[t-1] + 0.8 * z[t-1], 1)")
    changed = changed.replace(b'title = "motion"', f'title = "{quoted}"'.encode())
    return Subject(
        FILES,
        dict(FILES) | {X_PATH: changed},
        {X_PATH: changed},
        {"assistant": text, "version": text, "data_digest": None, "alternatives_tried": 7},
        {text: {text: [text, {text: 1}]}, "score": float(1)},
        prose,
        text,
        Settings(draws=50, horizon=4),
    )


@pytest.fixture(scope="module")
def panes() -> tuple[Pane, ...]:
    """All panes of the hostile change."""
    return panes_of(hostile())


def test_a_page_has_our_tags_only_and_asks_for_nothing(panes: tuple[Pane, ...]) -> None:
    page = panes_page(EVIL, panes, [EVIL])
    tags = Tags(page)
    assert {tag for tag, _ in tags.found} <= ALLOWED
    for tag, attributes in tags.found:
        assert not any(name.startswith("on") for name in attributes), tag
        assert not {"src", "srcset", "action", "formaction", "data", "poster"} & attributes.keys()
        assert all((attributes.get(name) or "#").startswith("#") for name in ("href", "xlink:href"))
    policy = next(own for tag, own in tags.found if tag == "meta" and "http-equiv" in own)
    assert (policy["content"] or "").startswith("default-src 'none'")
    assert "script-src" not in (policy["content"] or "")


def test_no_hidden_character_reaches_page_or_terminal(panes: tuple[Pane, ...]) -> None:
    for text in (panes_page(EVIL, panes), panes_text(panes, opened=True)):
        assert not {"\u202e", "\u200b", "\x1b"} & set(text)
        assert "\\u202e" in text


def test_a_strangers_lines_cannot_pose_as_ours(panes: tuple[Pane, ...]) -> None:
    lines = panes_text(panes, opened=True).splitlines()
    assert lines.count("== What must hold, before and after") == 1
    assert "  | == What must hold, before and after" in lines
    assert not any(line.startswith("✓ all 3") for line in lines)


def test_prose_is_closed_until_it_is_asked_for(panes: tuple[Pane, ...]) -> None:
    assert POSE.splitlines()[-1] not in panes_text(panes)
    assert "<details><summary>" in panes_page("x", panes[-1:])
    assert "Not evidence" in pane_text(panes[-1], opened=True)


def test_what_a_proposal_states_is_marked_as_stated(panes: tuple[Pane, ...]) -> None:
    provenance = next(pane for pane in panes if pane.id == "provenance")
    captions = [block.caption for block in provenance.blocks if isinstance(block, Table)]
    assert any("not by this review" in caption for caption in captions)
    assert any(isinstance(block, Sentence) and "7 alternatives" in block.text for block in provenance.blocks)


def test_huge_texts_are_cut_and_said_to_be() -> None:
    subject = hostile("x" * 1000, "y" * 90_000)
    prose = pane_of(subject, "prose")
    assert sum(len(block.text) for block in prose.blocks if isinstance(block, Sentence)) < 21_000
    assert any(isinstance(block, Sentence) and "70,000 more characters" in block.text for block in prose.blocks)
    cells = [
        cell
        for block in pane_of(subject, "provenance").blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row
    ]
    assert max(map(len, cells)) < 500


@pytest.mark.parametrize(
    "law", ["Normal(1e300 * x[t-1] + z[t-1], 1)", "Normal(exp(exp(exp(z[t-1]))), 1)", "x[t-1] / 0"]
)
def test_numbers_that_run_away_are_drawn_without_harm(law: str) -> None:
    changed = mechanism("motion", "x", law)
    subject = Subject(
        FILES, dict(FILES) | {X_PATH: changed}, {X_PATH: changed}, settings=Settings(draws=50, horizon=30)
    )
    for pane in panes_of(subject):
        texts = [block.text for block in pane.blocks if isinstance(block, Sentence)]
        assert not any("fault of the workbench" in text for text in texts), texts
        for block in pane.blocks:
            if isinstance(block, Drawing):
                assert "nan" not in block.svg
                assert "inf " not in block.svg
