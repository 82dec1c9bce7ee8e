"""The context of a change is the Markov blanket of what it touches: all of it moves the digest, nothing else does."""

from collections.abc import Mapping

import pytest

from reviewer.context import context_digest
from worldmodel.build import component_digest

# a → b → c ← d, and far away: e → f
EDGES = {"a": "1", "b": "a[t-1]", "c": "b[t] + d[t-1]", "d": "1", "e": "1", "f": "e[t-1]"}


def world() -> dict[str, bytes]:
    files = {"world.toml": b"name = 'w'\n", "objective.toml": b"horizon = 1\n"}
    for name, law in EDGES.items():
        files[f"variables/{name}.toml"] = f'id = "{name}"\n'.encode()
        files[f"mechanisms/{name}_law.toml"] = f'assigns = "{name}"\nlaw = "Normal({law}, 1)"\n'.encode()
        files[f"posteriors/{name}_law.toml"] = b"format = 1\n"
    files["utilities/u.toml"] = b'utility = "c[t]"\n'
    files["properties/p.toml"] = b'property = "P(f > 0 within 3) > 0"\n'
    return files


def context(files: Mapping[str, bytes], changes: Mapping[str, bytes | None]) -> str:
    return context_digest(files, {path: component_digest(path, data) for path, data in files.items()}, changes)


def moved(changes: Mapping[str, bytes | None]) -> set[str]:
    """The paths whose change would move the context of these changes."""
    before = context(world(), changes)
    return {
        path
        for path, data in world().items()
        if path not in changes and context({**world(), path: data + b"extra = 1\n"}, changes) != before
    }


def of(*names: str) -> set[str]:
    return {f"{folder}/{name}{end}.toml" for name in names for folder, end in PARTS}


PARTS = (("variables", ""), ("mechanisms", "_law"), ("posteriors", "_law"))


def test_the_blanket_of_a_mechanism_is_its_causes_effects_and_their_other_causes() -> None:
    path = "mechanisms/b_law.toml"
    after = world()[path].replace(b", 1)", b", 2)")
    assert moved({path: after}) == (of("a", "b", "c", "d") | {"world.toml"}) - {path}


def test_an_edge_that_the_change_adds_counts_before_it_is_approved() -> None:
    path = "mechanisms/a_law.toml"
    assert moved({path: b'assigns = "a"\nlaw = "Normal(f[t-1], 1)"\n'}) >= of("f")
    assert not moved({path: b'assigns = "a"\nlaw = "Normal(2, 1)"\n'}) & of("f")


@pytest.mark.parametrize("path", ["variables/e.toml", "posteriors/e_law.toml"])
def test_variables_and_posteriors_are_about_their_variable(path: str) -> None:
    assert moved({path: world()[path] + b"x = 1\n"}) == (of("e", "f") | {"world.toml"}) - {path}


def test_a_purpose_is_about_what_it_reads_and_the_other_purposes() -> None:
    found = moved({"utilities/u.toml": b'utility = "f[t]"\n'})
    assert found >= of("c", "f") | {"objective.toml", "properties/p.toml"}
    assert "posteriors/a_law.toml" not in found


def test_the_header_is_about_everything_and_governance_about_nothing() -> None:
    assert moved({"world.toml": b"name = 'v'\n"}) == world().keys() - {"world.toml"}
    assert moved({"governance/roster.toml": b"version = 2\n"}) == set()


def test_a_new_rival_of_a_variable_in_the_blanket_moves_the_context() -> None:
    changes = {"mechanisms/b_law.toml": world()["mechanisms/b_law.toml"] + b"x = 1\n"}
    rival = {**world(), "mechanisms/c_other.toml": b'assigns = "c"\nlaw = "Normal(0, 1)"\n'}
    assert context(rival, changes) != context(world(), changes)


def test_formatting_moves_nothing() -> None:
    changes = {"mechanisms/b_law.toml": world()["mechanisms/b_law.toml"] + b"x = 1\n"}
    commented = {path: data + b"# a comment\n" for path, data in world().items()}
    assert context(commented, changes) == context(world(), changes)
