"""All panes: their order, what becomes of one that fails, and the same bytes for the same change."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from reviewer.panes import compare
from reviewer.panes.compare import PANES, Entry, pane_of, panes_of
from reviewer.panes.in_short import findings
from reviewer.panes.page import panes_page
from reviewer.panes.pane import Block, PaneId, Sentence, Table
from reviewer.panes.subject import Settings, Subject, subject_of
from reviewer.panes.terminal import panes_text
from reviewer.panes.value import pane_value
from tests.reviewer.panes.line_world import FILES, X_PATH, with_law
from worldmodel.errors import InputError, Problem
from worldmodel.templates.catalog import template_files

FEW = Settings(draws=50, horizon=4, work=20_000)
EDITS = {
    "us-macro": ("mechanisms/phillips_curve.toml", b"- slope * slack", b"+ slope * slack"),
    "shallow-lake": ("mechanisms/recycling.toml", b"- loss *", b"- 0.9 * loss *"),
    "influenza": ("mechanisms/recovery.toml", b"LogNormal(-0.8, 0.5)", b"LogNormal(-0.8, 0.1)"),
    "rossi": ("mechanisms/hazard.toml", b"base - by_decade", b"base + by_decade"),
    "machine": ("mechanisms/wear.toml", b"[0, 0.75, 0.125, 0.125]", b"[0, 0.5, 0.25, 0.25]"),
}


def edited(template: str, settings: Settings = FEW) -> Subject:
    """A template with one edit."""
    path, old, new = EDITS[template]
    files = template_files(template)
    assert old in files[path]
    return subject_of(files, {path: files[path].replace(old, new)}, settings)


def test_panes_stand_in_the_order_of_reading_and_prose_is_last_and_closed() -> None:
    order = [entry.id for entry in PANES]
    assert order == [wanted for wanted in get_args(PaneId) if wanted in order]
    assert (PANES[-1].id, PANES[-1].collapsed) == ("prose", True)


@pytest.mark.parametrize("template", sorted(EDITS))
def test_every_template_has_all_panes_and_none_of_them_fails(template: str) -> None:
    panes = panes_of(edited(template))
    assert [pane.id for pane in panes] == [entry.id for entry in PANES]
    for pane in panes:
        assert isinstance(pane.blocks[0], Sentence | Table)
        texts = [block.text for block in pane.blocks if isinstance(block, Sentence)]
        assert not any("could not be computed" in text for text in texts), texts
        json.dumps(pane_value(pane), allow_nan=False)


def test_a_static_world_is_compared_as_it_is() -> None:
    files = dict(FILES) | {"world.toml": FILES["world.toml"].replace(b'step = "hour"\n', b"")}
    for path in files:
        files[path] = files[path].replace(b'initial = ["0"]\n', b"").replace(b"[t-1]", b"").replace(b"[t]", b"")
    files |= {"mechanisms/apart.toml": files["mechanisms/apart.toml"].replace(b"0.5 * w", b"0")}
    files |= {X_PATH: files[X_PATH].replace(b"0.5 * x + 0.8 * z", b"0.8 * z")}
    files.pop("properties/ends_high.toml")
    subject = subject_of(files, {X_PATH: files[X_PATH].replace(b"0.8 * z", b"0.8 * z + 0.7")}, FEW)
    assert subject.old.world is not None
    assert subject.old.world.static
    [first, *_] = pane_of(subject, "one-step").blocks
    assert isinstance(first, Sentence)
    assert "from the world as it is: by 0.7" in first.text


def test_the_same_change_has_the_same_bytes_in_every_process() -> None:
    program = (
        "from reviewer.panes.compare import panes_of\n"
        "from reviewer.panes.page import panes_page\n"
        "from reviewer.panes.subject import Settings, subject_of\n"
        "from worldmodel.templates.catalog import template_files\n"
        "files = template_files('us-macro')\n"
        f"path, old, new = {EDITS['us-macro']!r}\n"
        "few = Settings(draws=50, horizon=4, work=20_000)\n"
        "subject = subject_of(files, {path: files[path].replace(old, new)}, few)\n"
        "print(panes_page('x', panes_of(subject)))\n"
    )
    here = panes_page("x", panes_of(edited("us-macro")))
    environment = {"PYTHONHASHSEED": "1", "PYTHONPATH": str(Path(__file__).parents[3]), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True, text=True)
    assert ran.stdout == here + "\n"


def test_the_seed_follows_the_meaning_and_not_the_spelling() -> None:
    plain, spelled = with_law("Normal(x[t-1], 1)"), FILES[X_PATH] + b"# a remark\n"
    assert plain.seed != with_law("Normal(x[t-1], 2)").seed
    assert subject_of(FILES, {X_PATH: spelled}).seed == subject_of(FILES, {X_PATH: spelled + b"# more\n"}).seed


def test_a_pane_that_fails_says_why_and_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(_: Subject) -> Iterator[Block]:
        yield Sentence("so far")
        raise InputError(Problem(code="too-large", where="here", found="much"))

    def breaks(_: Subject) -> Iterator[Block]:
        raise ZeroDivisionError("a\nb")

    entries = (Entry("change", "One", refuses), Entry("paths", "Two", breaks), PANES[-1])
    monkeypatch.setattr(compare, "PANES", entries)
    one, two, three = panes_of(with_law("Normal(x[t-1], 1)"))
    assert [block.text for block in one.blocks if isinstance(block, Sentence)] == [
        "so far",
        "This could not be computed:",
        "too-large: here: much",
    ]
    [fault] = two.blocks
    assert isinstance(fault, Sentence)
    assert "ZeroDivisionError: a b" in fault.text
    assert three.id == "prose"


def test_what_must_not_be_missed_stands_first() -> None:
    panes = panes_of(edited("us-macro"))
    text = panes_text(panes)
    top = text[: text.index("== What changes")]
    assert "FLIPPED SIGN" in top
    assert findings(panes[-1]) == ()


def test_named_values_are_compared_by_name_and_never_as_numbers() -> None:
    subject = edited("machine")
    paths, properties = pane_of(subject, "paths"), pane_of(subject, "properties")
    captions = [block.caption for block in paths.blocks if isinstance(block, Table)]
    assert any("share of trajectories that it turns" in caption for caption in captions)
    formulas = [row[1] for block in properties.blocks if isinstance(block, Table) for row in block.rows]
    assert "P(condition[t] == broken within 4) <= 0.4" in formulas
