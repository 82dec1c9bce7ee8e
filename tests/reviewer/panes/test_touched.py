"""Which variables a change touches, whatever its texts say, and worlds under the same names."""

import re
from collections.abc import Mapping

import pytest

from reviewer.panes.align import aligned
from reviewer.panes.runs import behaviour
from reviewer.panes.subject import Settings, Subject, subject_of
from reviewer.panes.touched import touched
from tests.reviewer.panes.line_world import FILES, SMALL, mechanism, variable
from worldmodel.templates.catalog import template_files


def found(subject: Subject) -> tuple[str, ...]:
    """The touched variables of a subject."""
    assert subject.old.world is not None
    assert subject.new.world is not None
    return touched(aligned(subject.old.world, subject.new.world), subject.new.world)


def renamed(files: Mapping[str, bytes], old: str, new: str) -> dict[str, bytes | None]:
    """The change that gives a variable another name everywhere."""
    changes: dict[str, bytes | None] = {}
    for path, data in files.items():
        after = re.sub(rb"\b" + old.encode() + rb"\b", new.encode(), data)
        target = path.replace(f"variables/{old}.toml", f"variables/{new}.toml")
        if target != path:
            changes[path] = None
        if after != data or target != path:
            changes[target] = after
    return changes


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"mechanisms/apart.toml": FILES["mechanisms/apart.toml"] + b"# a remark\n"}, ()),
        ({"mechanisms/apart.toml": mechanism("apart", "w", "Normal(0.5*w[t-1],1)")}, ()),
        ({"mechanisms/apart.toml": mechanism("apart", "w", "Normal(0.6 * w[t-1], 1)")}, ("w",)),
        ({"variables/w.toml": variable("w", start="1", unit="1")}, ("w",)),
        ({"properties/ends_high.toml": None}, ()),
    ],
)
def test_touched_is_what_comes_about_otherwise(changes: dict[str, bytes | None], wanted: tuple[str, ...]) -> None:
    assert found(subject_of(FILES, changes, SMALL)) == wanted


@pytest.mark.parametrize(
    ("template", "old", "new"),
    [
        ("us-macro", "slack", "idle_share"),
        ("machine", "condition", "wear_state"),
        ("shallow-lake", "phosphorus", "load_of_lake"),
        ("influenza", "infected", "ill"),
        ("rossi", "age", "years_of_age"),
    ],
)
def test_a_variable_that_only_changes_its_name_moves_nothing(template: str, old: str, new: str) -> None:
    files = template_files(template)
    own = behaviour(subject_of(files, renamed(files, old, new), Settings(draws=100, horizon=6, work=60_000)))
    assert own is not None
    assert own.touched == ()
    assert new in own.posterior.common
    for name in own.posterior.common:
        assert not own.posterior.difference(name).any()


def test_a_named_constant_of_the_world_touches_those_that_read_it() -> None:
    files = dict(FILES) | {
        "world.toml": FILES["world.toml"] + b'[constants.much]\nvalue = 2.0\nwhy = "much"\n',
        "mechanisms/apart.toml": mechanism("apart", "w", "Normal(0.5 * w[t-1], much)"),
    }
    more = files["world.toml"].replace(b"2.0", b"3.0")
    assert found(subject_of(files, {"world.toml": more}, SMALL)) == ("w",)


def test_other_weights_of_rivals_touch_their_variable() -> None:
    files = template_files("us-macro")
    head = files["world.toml"].replace(b"investment_saving = 0.5", b"investment_saving = 1.5")
    assert found(subject_of(files, {"world.toml": head}, SMALL)) == ("unemployment",)
