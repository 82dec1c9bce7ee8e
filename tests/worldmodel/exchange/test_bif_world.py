"""A network becomes a world that checks and comes back unchanged; what is no network is refused by name."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from worldmodel.build import build_world, check_files
from worldmodel.errors import InputError
from worldmodel.exchange.bif import Network, ProbabilityTable, parse_bif, read_bif, render_bif
from worldmodel.exchange.bif_world import network_components, network_files, rename, world_network
from worldmodel.files import parse_toml
from worldmodel.simulation.simulate import simulate
from worldmodel.world import World

ALARM = Network(
    "Home alarm",
    {"Burglary!": ("No", "yes"), "t": ("0-3", "4+", "t"), "sum": ("a b", "a_b"), "y" * 70: ("Burglary", "x")},
    {
        "Burglary!": ProbabilityTable((), ((0.9, 0.1),)),
        "t": ProbabilityTable(("Burglary!",), ((0.2, 0.3, 0.5), (1 / 3, 1 / 3, 1 / 3))),
        "sum": ProbabilityTable(("t", "Burglary!"), tuple((p, 1 - p) for p in (0.0, 0.25, 0.5, 0.625, 0.75, 1.0))),
        "y" * 70: ProbabilityTable((), ((1e-12, 1 - 1e-12),)),
    },
)
BEYOND = {"barley": 4, "mildew": 3, "pathfinder": 2}
"""Networks with tables too large for a file that people review, and how many such tables."""
LARGE = {
    "andes",
    "diabetes",
    "hailfinder",
    "hepar2",
    "win95pts",
    "link",
    "munin",
    "munin1",
    "munin2",
    "munin3",
    "munin4",
    "pigs",
    "water",
    *BEYOND,
}


def shipped() -> dict[str, Path]:
    found = importlib.util.find_spec("pgmpy")
    folder = Path(found.origin).parent / "utils" / "example_models" if found and found.origin else None
    return {path.name.removesuffix(".bif.gz"): path for path in sorted(folder.glob("*.bif.gz"))} if folder else {}


NETWORKS = [pytest.param(name, marks=pytest.mark.stress if name in LARGE else ()) for name in shipped()] or [
    pytest.param("", marks=pytest.mark.skip("pgmpy is not installed"))
]


def test_a_network_goes_through_a_world_and_its_files_unchanged() -> None:
    files = network_files(network_components(ALARM, "alarm.bif"))
    assert check_files(files) == []
    world = build_world({path: parse_toml(path, content) for path, content in files.items()})
    assert world.static
    renamed, names = rename(ALARM)
    back = world_network(world)
    assert back.values == renamed.values
    assert back.tables == renamed.tables
    assert parse_bif(render_bif(back).encode()).tables == renamed.tables
    assert names["Burglary!"] == "burglary"
    assert len(set(names.values())) == 4


def test_what_was_renamed_is_written_down() -> None:
    components = network_components(ALARM, "alarm.bif")
    _, names = rename(ALARM)
    assert components[f"variables/{names['t']}.toml"]["title"] == "t"
    meaning = components[f"variables/{names['t']}.toml"]["meaning"]
    assert all(f"“{value}”" in meaning for value in ("0-3", "4+", "t"))
    assert "alarm.bif" in components["world.toml"]["summary"]


def test_the_world_draws_what_the_network_says() -> None:
    world = build_world(network_components(ALARM, "alarm.bif"))
    with torch.no_grad():
        run = simulate(world, None, 1, 20_000, seed=2)
    _, names = rename(ALARM)
    burglary, t = run.values[names["Burglary!"]], run.values[names["t"]]
    assert abs(float(burglary.mean()) - 0.1) < 0.011
    assert abs(float((t[burglary == 0] == 2).double().mean()) - 0.5) < 0.02


def test_rows_that_rounding_left_off_are_scaled_and_it_is_said() -> None:
    network = Network("n", {"a": ("x", "y", "z"), "b": ("x", "y")}, {
        "a": ProbabilityTable((), ((0.333, 0.333, 0.333),)),
        "b": ProbabilityTable(("a",), ((0.5, 0.5), (0.3331, 0.666), (0.25, 0.75))),
    })  # fmt: skip
    components = network_components(network, "n.bif")
    build_world(components)
    assert "; 1 rows did not add up to 1 and were scaled" in components["mechanisms/b.toml"]["tables"]["cpt"]["why"]


def test_whole_numbers_and_other_laws_become_tables(finite_world: Callable[..., World]) -> None:
    from dataclasses import replace

    world = finite_world(
        {"n": "Binomial(2, 0.5)", "m": "n[t] - 1", "b": "Bernoulli(if m[t] > 0 then 0.25 else 0.5)"},
        {"n": (0, 2), "m": (-1, 1), "b": ["no", "yes"]},
        initial={"b": ["Categorical(1, 0)"]},
    )
    network = world_network(replace(world, header=world.header.model_copy(update={"step": None})))
    assert network.values == {"n": ("x0", "x1", "x2"), "m": ("m1", "x0", "x1"), "b": ("no", "yes")}
    assert network.tables["n"].rows[0] == pytest.approx((0.25, 0.5, 0.25), abs=1e-15)
    assert network.tables["m"].rows == ((1, 0, 0), (0, 1, 0), (0, 0, 1))
    assert network.tables["b"] == ProbabilityTable(("m",), ((0.5, 0.5), (0.5, 0.5), (0.75, 0.25)))


@pytest.mark.parametrize(
    ("laws", "supports", "extra", "words"),
    [
        ({"x": "Bernoulli(x[t-1])"}, {"x": (0, 1)}, {}, "looks back"),
        ({"x": "Poisson(1)"}, {"x": (0, 3)}, {}, "leave"),
        (
            {"x.a": "Bernoulli(1)", "x.b": "Bernoulli(0)"}, {"x": (0, 1)}, {"rivals": {"x": {"a": 1.0, "b": 1.0}}},
            "2 mechanisms",
        ),
        ({"x": "Bernoulli(p)"}, {"x": (0, 1)}, {"parameters": {"x": {"p": "Beta(1, 1)"}}}, "uncertain"),
    ],
)  # fmt: skip
def test_what_is_no_network_is_refused(
    finite_world: Callable[..., World], laws: dict[str, str], supports: dict[str, tuple[int, int]],
    extra: dict[str, object], words: str,
) -> None:  # fmt: skip
    with pytest.raises(InputError, match="not-exportable") as caught:
        world_network(finite_world(laws, supports, **extra))
    assert words in str(caught.value)


def test_a_table_too_large_for_a_file_is_named() -> None:
    values = {f"v{place}": tuple(f"x{value}" for value in range(9)) for place in range(5)}
    row = (0.123456789, *[(1 - 0.123456789) / 8] * 8)
    tables = {f"v{place}": ProbabilityTable((), (row,)) for place in range(4)}
    network = Network("n", values, {**tables, "v4": ProbabilityTable(("v0", "v1", "v2", "v3"), (row,) * 9**4)})
    components = network_components(network, "n.bif")
    assert world_network(build_world(components)).tables["v4"].rows == network.tables["v4"].rows
    with pytest.raises(InputError) as caught:
        network_files(components)
    assert [(p.code, p.where) for p in caught.value.problems] == [("too-large", "mechanisms/v4.toml")]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_that_pgmpy_ships(name: str) -> None:
    network = read_bif(shipped()[name])
    components = network_components(network, f"{name}.bif")
    back = world_network(build_world(components))
    renamed, _ = rename(network)
    assert back.values == renamed.values
    assert back.tables == renamed.tables
    if name not in BEYOND:
        assert check_files(network_files(components)) == []
        return
    with pytest.raises(InputError) as caught:
        network_files(components)
    assert [problem.code for problem in caught.value.problems] == ["too-large"] * BEYOND[name]
