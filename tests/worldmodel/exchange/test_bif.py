"""BIF: strict, bounded, the same numbers as pgmpy reads, and through a world and back unchanged."""

import contextlib
import gzip
import importlib.util
import json
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.exchange.bif import Network, ProbabilityTable, parse_bif, read_bif, render_bif

DOG = """
// a comment
network "Dog-Problem" { property credit to Charniak; }
variable "light-on" { /* remark */ type discrete [ 2 ] { "true", "false" }; property position = (218, 195); }
variable family-out { type discrete [2] { true, false }; }
variable bowel { type discrete [ 3 ] { 0-3, 4-9, 10+ }; }
probability ( family-out ) { table 0.15, 0.85; }
probability ( light-on | family-out ) { (true) 0.6, .4; (false) 5e-2, 0.95; }
probability ( bowel | family-out, light-on ) {
  default 0.2, 0.3, 0.5;
  (false, true) 1, 0.0, 0e0;
}
"""
LARGE = {
    "andes",
    "barley",
    "diabetes",
    "link",
    "mildew",
    "munin",
    "munin1",
    "munin2",
    "munin3",
    "munin4",
    "pathfinder",
    "water",
}


def shipped() -> dict[str, Path]:
    """The networks that pgmpy ships, found without importing it."""
    found = importlib.util.find_spec("pgmpy")
    folder = Path(found.origin).parent / "utils" / "example_models" if found and found.origin else None
    return {path.name.removesuffix(".bif.gz"): path for path in sorted(folder.glob("*.bif.gz"))} if folder else {}


NETWORKS = [pytest.param(name, marks=pytest.mark.stress if name in LARGE else ()) for name in shipped()] or [
    pytest.param("", marks=pytest.mark.skip("pgmpy is not installed"))
]


def test_a_network_is_read_with_comments_quotes_and_defaults() -> None:
    network = parse_bif(DOG.encode())
    assert network.name == "Dog-Problem"
    assert network.values["bowel"] == ("0-3", "4-9", "10+")
    assert network.tables["light-on"] == ProbabilityTable(("family-out",), ((0.6, 0.4), (0.05, 0.95)))
    rows = network.tables["bowel"].rows
    assert rows == ((0.2, 0.3, 0.5), (0.2, 0.3, 0.5), (1.0, 0.0, 0.0), (0.2, 0.3, 0.5))


def test_a_table_with_parents_has_the_childs_values_outermost() -> None:
    block = "probability ( light-on | family-out ) { table 0.6, 0.05, 0.4, 0.95; }"
    text = DOG.replace("probability ( light-on | family-out ) { (true) 0.6, .4; (false) 5e-2, 0.95; }", block)
    assert text != DOG
    assert parse_bif(text.encode()) == parse_bif(DOG.encode())


WORDS = st.text(
    st.characters(codec="utf-8", categories=["L", "N"], include_characters=" -_.+<>="), min_size=1, max_size=9
)
NAMES = WORDS.map(str.strip).filter(bool)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    values = {name: tuple(draw(st.lists(NAMES, min_size=2, max_size=3, unique=True))) for name in names}
    tables = {}
    for place, name in enumerate(names):
        parents = tuple(draw(st.lists(st.sampled_from(names[:place]), unique=True, max_size=2))) if place else ()
        count = 1
        for parent in parents:
            count *= len(values[parent])
        rows = [
            draw(st.lists(st.floats(0.01, 1), min_size=len(values[name]), max_size=len(values[name])))
            for _ in range(count)
        ]
        tables[name] = ProbabilityTable(parents, tuple(tuple(number / sum(row) for number in row) for row in rows))
    return Network(draw(NAMES), values, tables)


@settings(max_examples=25)
@given(networks())
def test_what_is_written_is_read_back(network: Network) -> None:
    assert parse_bif(render_bif(network).encode()) == network


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("network", "netwerk", "not-bif"),
        ("discrete [2]", "continuous [2]", "not-bif"),
        ("discrete [2]", "discrete [3]", "not-bif"),
        ("{ true, false }", "{ true, true }", "not-bif"),
        ("0.15", "0.15x", "not-bif"),
        ("0.15", "nan", "not-bif"),
        ("0.15", "1e999", "bif-inconsistent"),
        ("0.15, 0.85", "-0.15, 1.15", "bif-inconsistent"),
        ("0.15, 0.85", "0.15, 0.9", "bif-inconsistent"),
        ("0.15, 0.85", "0.15", "bif-inconsistent"),
        ("(true) 0.6, .4;", "", "bif-inconsistent"),
        ("(true) 0.6, .4;", "(true) 0.6, .4; (true) 0.6, .4;", "bif-inconsistent"),
        ("(true) 0.6", "(maybe) 0.6", "bif-inconsistent"),
        ("light-on | family-out", "light-on | family-in", "bif-inconsistent"),
        ("probability ( family-out ) { table 0.15, 0.85; }", "", "bif-inconsistent"),
        ("family-out, light-on ) {", "family-out, family-out ) {", "bif-inconsistent"),
        ("}\n", "\n", "not-bif"),
        ("variable family-out", '"" variable family-out', "not-bif"),
        ("/* remark */", "/* remark ", "not-bif"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, code: str) -> None:
    assert old in DOG
    with pytest.raises(InputError) as caught:
        parse_bif(DOG.replace(old, new, 1).encode())
    assert code in {problem.code for problem in caught.value.problems}


@settings(max_examples=300)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(DOG)), st.integers(0, 6), st.sampled_from([*'{}()[];,|"/* 0.-e', "table", "property"])
        )
    )
)
def test_whatever_is_done_to_a_file_it_is_read_or_refused(edits: list[tuple[int, int, str]]) -> None:
    text = DOG
    for place, length, new in edits:
        text = text[:place] + new + text[place + length :]
    with contextlib.suppress(InputError):
        network = parse_bif(text.encode())
        assert parse_bif(render_bif(network).encode()) == network


def test_a_circle_of_parents_is_no_network() -> None:
    text = DOG.replace(
        "probability ( family-out ) { table 0.15, 0.85; }",
        "probability ( family-out | light-on ) { default 0.5, 0.5; }",
    )
    with pytest.raises(InputError, match="circle"):
        parse_bif(text.encode())


HOSTILE = {
    "parentheses": b"(" * 8_000_000,
    "words": b"network a { } variable " + b"x" * 8_000_000,
    "comment": b"network a { } /*" + b"*" * 8_000_000,
    "quotes": b'network "' + b"a" * 8_000_000,
    "variables": b"network a { }" + b"variable a { type discrete [ 2 ] { a, b }; }" * 100_000,
    "values": b"network a { } variable a { type discrete [ 9 ] { " + b"a, " * 1_000_000,
    "table": b"network a { } variable a { type discrete [ 2 ] { a, b }; } probability ( a | "
    + b", ".join(b"p%d" % i for i in range(17)),
    "product": b"network a { }"
    + b"".join(b"variable v%d { type discrete [ 9 ] { a, b, c, d, e, f, g, h, i }; }" % i for i in range(16))
    + b"".join(b"probability ( v%d ) { table 1,0,0,0,0,0,0,0,0; }" % i for i in range(15))
    + b"probability ( v15 | " + b", ".join(b"v%d" % i for i in range(15)) + b" ) { default 1,0,0,0,0,0,0,0,0; }",
    "bytes": b"\xff" * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_next_to_nothing(name: str) -> None:
    content = HOSTILE[name]
    before = time.process_time()
    with pytest.raises(InputError):
        parse_bif(content)
    assert time.process_time() - before < 1.0
    tracemalloc.start()
    with pytest.raises(InputError):
        parse_bif(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_a_gzip_bomb_stops_at_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "bomb.bif.gz"
    path.write_bytes(gzip.compress(b" " * 200_000_000, 1))
    with pytest.raises(InputError, match="too-large"):
        read_bif(path)
    path.write_bytes(b"\x1f\x8bbroken")
    with pytest.raises(InputError, match="not-bif"):
        read_bif(path)


PGMPY = """
import gzip, json, sys, warnings
warnings.simplefilter("ignore")
from pgmpy.readwrite import BIFReader
for path in sys.argv[1:]:
    reader = BIFReader(string=gzip.open(path, "rt").read())
    cpds = {name: [reader.variable_parents[name], table.tolist()] for name, table in reader.variable_cpds.items()}
    print(json.dumps([path, reader.variable_states, cpds]))
"""


@pytest.mark.stress
def test_numbers_are_those_that_pgmpy_reads() -> None:
    if not shipped():
        pytest.skip("pgmpy is not installed")
    paths = list(map(str, shipped().values()))
    answer = subprocess.run(
        [sys.executable, "-c", PGMPY, *paths], capture_output=True, text=True, check=False, env=os.environ
    )
    if "ModuleNotFoundError" in answer.stderr:
        pytest.skip(answer.stderr.splitlines()[-1])
    lines = answer.stdout.splitlines()
    assert len(lines) == len(paths) >= 20
    for line in lines:
        path, states, tables = json.loads(line)
        network = read_bif(Path(path))
        assert {key: list(value) for key, value in network.values.items()} == states
        for variable, (parents, columns) in tables.items():
            table = network.tables[variable]
            assert list(table.parents) == parents
            assert [list(row) for row in zip(*columns, strict=True)] == [list(row) for row in table.rows]


@pytest.mark.parametrize("name", NETWORKS)
def test_every_shipped_network_is_read_and_written(name: str) -> None:
    network = read_bif(shipped()[name])
    again = parse_bif(render_bif(network).encode())
    assert again.values == network.values
    assert again.tables == network.tables
