from itertools import product
from pathlib import Path

import pytest

from reviewer.behaviour.partial import Partial
from tests.worldmodel.surface_worlds import HEAD, mechanism, variable

WORLD = {
    "world.toml": HEAD + 'step = "day"\n',
    "variables/x.toml": variable("x"),
    "variables/y.toml": variable("y"),
    "mechanisms/x.toml": mechanism("x", "Normal(0.5 * x[t-1], 1)"),
    "mechanisms/y.toml": mechanism("y", "Normal(0.5 * y[t-1], 1)"),
}


def _files(texts: dict[str, str]) -> dict[str, bytes]:
    return {path: text.encode() for path, text in texts.items()}


def test_components_that_stand_alone_are_players_of_their_own() -> None:
    changes = _files({name: text.replace("0.5", "0.6") for name, text in WORLD.items() if "mechanisms" in name})
    partial = Partial(_files(WORLD), changes)
    assert list(partial.groups) == ["mechanisms/x.toml", "mechanisms/y.toml"]
    laws = [str(partial.world(["mechanisms/x.toml"]).mechanisms[name].law) for name in "xy"]  # type: ignore[union-attr]
    assert ["0.6" in law for law in laws] == [True, False]


def test_a_new_variable_and_its_mechanism_move_together() -> None:
    changes = _files({"variables/z.toml": variable("z"), "mechanisms/z.toml": mechanism("z", "Normal(x[t-1], 1)")})
    partial = Partial(
        _files(WORLD), {**changes, "mechanisms/y.toml": WORLD["mechanisms/y.toml"].replace("1)", "2)").encode()}
    )
    assert sorted(partial.groups) == ["mechanisms/y.toml", "mechanisms/z.toml + variables/z.toml"]
    for chosen in product([False, True], repeat=2):
        names = [name for name, take in zip(sorted(partial.groups), chosen, strict=True) if take]
        assert partial.world(names) is not None


def test_two_edits_that_close_a_loop_make_no_world_together() -> None:
    changes = _files(
        {"mechanisms/x.toml": mechanism("x", "Normal(y[t], 1)"), "mechanisms/y.toml": mechanism("y", "Normal(x[t], 1)")}
    )
    partial = Partial(_files(WORLD), changes)
    assert partial.world(partial.groups) is None
    assert partial.world([]) is not None


def test_governance_is_no_component() -> None:
    assert Partial(_files(WORLD), {"governance/rules.toml": b"format = 1"}).groups == {}


@pytest.mark.parametrize("template", ["us_macro", "shallow_lake"])
def test_the_whole_change_is_the_world_after(template: str) -> None:
    root = Path("worldmodel/templates") / template
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.toml")}
    path = min(name for name in files if name.startswith("mechanisms/"))
    partial = Partial(files, {path: files[path] + b"\n# a remark\n"})
    assert partial.world(partial.groups) == partial.world([])
