"""Files to a world: what agrees is built, and every problem of what does not is reported at once."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worldmodel.surface_worlds import EPIDEMIC
from worldmodel import limits
from worldmodel.build import build_world, check_files, component_digest, load_world
from worldmodel.errors import InputError
from worldmodel.files import parse_toml

Maker = Callable[..., dict[str, bytes]]


def _problems(files: dict[str, bytes]) -> list[tuple[str, str, str]]:
    return [(problem.code, problem.where, problem.part) for problem in check_files(files)]


def test_the_tank_is_a_world(tank: Maker) -> None:
    assert check_files(tank()) == []
    world = build_world({path: parse_toml(path, content) for path, content in tank().items()})
    assert world.order == ("valve", "inflow", "level")
    assert world.actions == ("valve",)
    assert world.observations == ("inflow", "level", "valve")
    assert world.longest_lag == 1


def test_a_folder_loads_as_the_same_world(tank: Maker, tmp_path: Path) -> None:
    for path, content in tank().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    built = build_world({path: parse_toml(path, content) for path, content in tank().items()})
    assert load_world(tmp_path) == built


def test_formatting_does_not_change_a_digest(tank: Maker) -> None:
    path = "mechanisms/inflow.toml"
    spaced = tank()[path].replace(b" = ", b"  =  ") + b"\n# a comment\n"
    assert component_digest(path, spaced) == component_digest(path, tank()[path])
    other = tank({path: ("Gamma(2, 4)", "Gamma(2, 5)")})[path]
    assert component_digest(path, other) != component_digest(path, tank()[path])


M, N, V = "mechanisms/level.toml", "mechanisms/inflow.toml", "variables/level.toml"
OBJECTIVE = """format = 1
horizon = 4
discount = 0.9
why = "x"
[aggregation]
rule = "utilitarian"
[risk]
measure = "mean"
"""
CASES = [
    ({M: ("[t-1]", "[t]")}, "cyclic-graph", M, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m + level[t] * 0, s)")}, "cyclic-graph", N, "law"),
    ({M: ("* step", "")}, "unit-mismatch", M, "law"),
    ({M: ('unit = "minute"', 'unit = "hour"')}, "unit-mismatch", M, "law"),
    ({M: ('unit = "minute"', 'unit = "moment"')}, "unknown-unit", M, "step.unit"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, exp(level[t-1]) * s)")}, "unit-mismatch", N, "law"),
    ({M: ("(inflow[t]", "(inflow[t]^2 / 1")}, "unit-mismatch", M, "law"),
    ({M: ("(inflow[t]", "(sqrt(inflow[t])")}, "unit-mismatch", M, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, s) + 1")}, "syntax", N, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, q)")}, "unknown-name", N, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, 1)")}, "unused-name", N, "s"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, s + level[0] / level[0])")}, "unknown-name", N, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, s > 1)")}, "wrong-kind", N, "law"),
    ({N: ("LogNormal(m, s)", "LogNormal(m, if s then 1 else 2)")}, "wrong-kind", N, "law"),
    ({N: ("Normal(0, 1)", "Normal(0, -1)")}, "out-of-domain", N, "parameters.m.prior"),
    ({N: ("Normal(0, 1)", "Delta(1)")}, "bad-prior", N, "parameters.m.prior"),
    ({N: ("Normal(0, 1)", "Normal(level[t-1], 1)")}, "bad-prior", N, "parameters.m.prior"),
    ({N: ("Gamma(2, 4)", "Uniform(2, 1)")}, "out-of-domain", N, "parameters.s.prior"),
    ({N: ('title = "Rain"', 'titel = "Rain"')}, "unknown-field", N, "titel"),
    ({N: ('title = "Rain"', "")}, "missing-field", N, "title"),
    ({N: ('title = "Rain"', "title = 3")}, "bad-value", N, "title"),
    ({N: ("format = 1", "format = 2")}, "bad-value", N, "format"),
    ({N: ('id = "inflow"', 'id = "rain"')}, "wrong-id", N, "id"),
    ({N: ('assigns = "inflow"', 'assigns = "rain"')}, "unknown-name", N, "assigns"),
    ({N: ('assigns = "inflow"', 'assigns = "level"')}, "rivals-not-weighed", "world.toml", "rivals.level"),
    ({N: ("LogNormal", "Poisson")}, "syntax", N, "law"),
    ({N: ("LogNormal(m, s)", "NegativeBinomial(m, s)")}, "wrong-kind", N, "law"),
    ({V: ("lower = 0", "lower = 1\nupper = 0")}, "bad-support", V, "support"),
    ({V: ("lower = 0", 'values = ["a"]')}, "bad-support", V, "support"),
    ({V: ('"Delta(1)"', "")}, "missing-field", V, "initial"),
    ({V: ("Delta(1)", "level[t-1]")}, "not-constant", V, "initial"),
    ({V: ("Delta(1)", "Delta(1")}, "syntax", V, "initial.0"),
    ({V: ("lower = 0", "lower = nan")}, "not-canonical", V, ""),
    ({V: ("lower = 0", "lower = 1979-05-27")}, "not-canonical", V, ""),
    ({V: ("lower = 0", "lower = 99999999999999999999")}, "not-canonical", V, ""),
    ({"world.toml": ('"minute"', '"metre"')}, "unit-mismatch", "world.toml", "step"),
    ({"variables/exp.toml": "format = 1"}, "name-taken", "variables/exp.toml", "exp"),
    ({"mechanisms/Bad Name.toml": ""}, "not-a-component", "mechanisms/Bad Name.toml", ""),
    ({"objective.toml": OBJECTIVE}, "bad-objective", "objective.toml", "aggregation"),
    ({"objective.toml": OBJECTIVE.replace("why", 'floors = ["x"]\nwhy')}, "bad-objective", "objective.toml", "floors"),
    (
        {"mechanisms/rule.toml": 'format = 1\nid = "rule"\nassigns = "valve"\ntitle = "x"\nlaw = "inflow[t]"\n'},
        "rule-sees-present",
        "mechanisms/rule.toml",
        "law",
    ),
    (
        {"world.toml": ('step = "minute"', 'step = "minute"\n[rivals.level]\nnone = 1')},
        "bad-rivals",
        "world.toml",
        "rivals.level",
    ),
]


@pytest.mark.parametrize(("changes", "code", "where", "part"), CASES)
def test_each_fault_has_its_error(tank: Maker, changes: dict, code: str, where: str, part: str) -> None:
    assert (code, where, part) in _problems(tank(changes))


def test_two_branches_that_are_fine_alone_make_a_cycle_together(tank: Maker) -> None:
    one = {M: ("level[t-1]", "level[t-1] + 0 * step * inflow[t]")}
    two = {N: ("LogNormal(m, s)", "LogNormal(m, s * (1 + 0 * level[t-1] / level[t-1]))")}
    both = {
        **one,
        N: ("LogNormal(m, s)", "LogNormal(m, s * (1 + 0 * level[t] / level[t]))"),
    }
    assert check_files(tank(one)) == [] == check_files(tank(two))
    assert any(problem.code == "cyclic-graph" for problem in check_files(tank(both)))


def test_all_problems_of_all_files_come_at_once(tank: Maker) -> None:
    files = tank({M: ("noise)", "nois)"), N: ("LogNormal(m, s)", "LogNormal(m"), V: ('unit = "m**3"', 'unit = "mm**"')})
    codes = {problem.code for problem in check_files(files)}
    assert {"unknown-name", "unused-name", "syntax", "unknown-unit"} <= codes


def test_powers_and_roots_have_the_units_that_they_must(tank: Maker) -> None:
    assert check_files(tank({M: ("(inflow[t]", "(sqrt(inflow[t]^2) * inflow[t]^3 / inflow[t]^3")})) == []


def test_more_than_a_hundred_problems_of_a_file_are_said_to_be_more(tank: Maker) -> None:
    many = "\n".join(f"titel{number} = 1" for number in range(150))
    problems = check_files(tank({N: ("format = 1", f"{many}\nformat = 1")}))
    assert len(problems) == limits.PROBLEMS + 1
    assert [problem.code for problem in problems[-2:]] == ["unknown-field", "too-many-problems"]


def test_a_broken_file_does_not_make_its_name_unknown(tank: Maker) -> None:
    files = tank({V: ("format = 1", "format = 3")})
    assert {problem.code for problem in check_files(files)} == {"bad-value"}


def test_a_missing_header_is_named(tank: Maker) -> None:
    files = tank()
    del files["world.toml"]
    assert ("no-world", "world.toml", "") in _problems(files)


def test_problems_say_where_what_wanted_and_mend(tank: Maker) -> None:
    for changes, *_ in CASES:
        for problem in check_files(tank(changes)):
            assert problem.code
            assert problem.where
            assert problem.found
            assert problem.wanted or problem.mend


def test_build_world_raises_every_problem(tank: Maker) -> None:
    files = tank({M: ("noise)", "nois)")})
    with pytest.raises(InputError) as caught:
        build_world({path: parse_toml(path, content) for path, content in files.items()})
    assert {problem.code for problem in caught.value.problems} == {"unknown-name", "unused-name"}


@given(st.data())
def test_no_formatting_changes_any_digest(data: st.DataObject) -> None:
    """Spaces around the equals sign, comments, empty lines, the order of keys, and how a string is quoted."""
    path = data.draw(st.sampled_from(sorted(EPIDEMIC)))
    head, bracket, tail = EPIDEMIC[path].partition("\n[")
    lines = [line for line in head.split("\n") if line]
    simple = all(" = " in line for line in lines) and "'''" not in head and head.count("[") == head.count("]")
    shuffled = data.draw(st.permutations(lines)) if simple else lines
    if simple:
        shuffled = [_reformatted(line, data) for line in shuffled]
    between = st.sampled_from(["", "# a comment\n", "   \n", "\r\n"])
    gaps = "".join(f"{line}\n{data.draw(between)}" for line in shuffled)
    other = f"{gaps}{bracket.strip(chr(10))}{tail}" if bracket else gaps
    assert component_digest(path, other.encode()) == component_digest(path, EPIDEMIC[path].encode())


def _reformatted(line: str, data: st.DataObject) -> str:
    key, _, value = line.partition(" = ")
    if value.startswith('"') and value.count('"') == 2 and "\\" not in value:
        value = data.draw(st.sampled_from([value, f"'{value[1:-1]}'", f'"""{value[1:-1]}"""']))
    return data.draw(st.sampled_from([f"{key}={value}", f" {key}  =  {value}  # why", f"{key} = {value}"]))
