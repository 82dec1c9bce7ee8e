"""`ask` as a person and as a machine would call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.worldmodel.surface_worlds import EPIDEMIC, HEAD, SPRINKLER, mechanism, variable
from worldmodel.commands.ask import ask_command

Ask = Callable[..., Result]
TWO_WAYS = {
    "world.toml": HEAD + 'step = "day"\n[rivals.y]\nweak = 0.5\nstrong = 0.5\n',
    "variables/x.toml": variable("x"),
    "variables/y.toml": variable("y"),
    "mechanisms/x.toml": mechanism("x", "Normal(0, 1)"),
    "mechanisms/weak.toml": mechanism("weak", "Normal(x[t], 1)", assigns="y"),
    "mechanisms/strong.toml": mechanism("strong", "Normal(5 * x[t], 1)", assigns="y"),
}
WORLDS = {"epidemic": EPIDEMIC, "sprinkler": SPRINKLER, "two ways": TWO_WAYS}


@pytest.fixture
def ask(tmp_path: Path, tank: Callable[..., dict[str, bytes]]) -> Ask:
    texts = {name: {path: text.encode() for path, text in files.items()} for name, files in WORLDS.items()}
    for name, files in {**texts, "tank": tank()}.items():
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(exist_ok=True, parents=True)
            (tmp_path / name / path).write_bytes(content)

    def invoke(name: str, *arguments: str) -> Result:
        return CliRunner().invoke(ask_command, [*arguments, "--world", str(tmp_path / name)])

    return invoke


def test_loops_for_people_and_machines(ask: Ask) -> None:
    result = ask("epidemic", "loops", "--source", "prior", "--horizon", "6", "--draws", "20")
    assert result.exit_code == 0, result.output
    assert "infected[north] → infected[south] (1) → infected[north]" in result.stdout
    facts = json.loads(ask("epidemic", "loops", "--no-signs", "--json").stdout)
    assert facts["complete"]
    assert [loop["lag"] for loop in facts["loops"]] == [1, 1, 1, 1, 2, 2]
    assert all(loop["signs"] is None for loop in facts["loops"])
    assert "only the first 2" in ask("epidemic", "loops", "--no-signs", "--most", "2").stdout.lower()
    assert ask("sprinkler", "loops").stdout == "no feedback loops\n"


def test_a_blanket_and_what_is_reached(ask: Ask) -> None:
    result = ask("epidemic", "blanket", "infected[south]")
    assert "parents: infected[east, t-1], infected[north, t-1], infected[south, t-1], weather[t-1]" in result.stdout
    facts = json.loads(ask("sprinkler", "blanket", "sprinkler", "--json").stdout)
    assert facts["parents"] == [["rain", 0]]
    assert facts["children"] == [["grass", 0]]
    assert facts["spouses"] == [["rain", 0]]
    assert "parents: rain\n" in ask("sprinkler", "blanket", "sprinkler").stdout
    assert ask("sprinkler", "blanket", "snow").exit_code == 2


def test_separated_ends_with_zero_for_yes_and_one_for_no(ask: Ask) -> None:
    yes = ask("epidemic", "separated", "infected[north]@1", "infected[east]@2", "--given", "weather@1")
    assert yes.exit_code == 1  # both follow from the south and from one another's past
    known = [word for name in ("north", "south", "east") for word in ("--given", f"infected[{name}]@1")]
    yes = ask("epidemic", "separated", "infected[north]@2", "infected[east]@2", *known, "--given", "weather@1")
    assert yes.exit_code == 0, yes.output
    assert yes.stdout.startswith("separated: ")
    no = ask("epidemic", "separated", "infected[north]@1", "infected[east]@3", "--json")
    assert no.exit_code == 1
    facts = json.loads(no.stdout)
    assert (facts["ok"], facts["path"][0], facts["path"][-1]) == (False, "infected[north]@1", "infected[east]@3")
    assert ask("sprinkler", "separated", "rain", "sprinkler", "--do", "sprinkler=on").exit_code == 0
    assert ask("sprinkler", "separated", "rain", "sprinkler").exit_code == 1
    assert ask("sprinkler", "separated", "rain", "sprinkler@7").exit_code == 2


def test_an_impulse_moves_what_it_reaches(ask: Ask) -> None:
    arguments = ("impulse", "infected[north]", "--step", "2", "--horizon", "4", "--draws", "50", "--source", "prior")
    facts = json.loads(ask("epidemic", *arguments, "--json").stdout)
    assert sorted(facts["differences"]) == ["infected[east]", "infected[north]", "infected[south]", "total"]
    assert facts["differences"]["infected[north]"][2][:2] == [0.0, pytest.approx(facts["differences"]["total"][2][1])]
    assert "1 variables do not move" in ask("epidemic", *arguments).stdout
    assert ask("epidemic", "impulse", "total").exit_code == 2


def test_sensitivity_by_both_measures(ask: Ask) -> None:
    arguments = ("sensitivity", "--of", "total@4", "--horizon", "4", "--draws", "400", "--source", "prior")
    facts = json.loads(ask("epidemic", *arguments, "--shapley", "--json").stdout)
    assert sum(effect["value"] for effect in facts["effects"].values()) == pytest.approx(1)
    assert "spread.beta[north]" in facts["effects"]
    text = ask("epidemic", *arguments, "--chance", "apart").stdout
    assert "chance in spread[north]" in text
    assert "start of weather" in text
    assert ask("epidemic", "sensitivity", "--of", "sum(infected[r] over r)", "--draws", "50").exit_code == 0
    assert ask("epidemic", "sensitivity", "--of", "totals", "--draws", "50").exit_code == 2


def test_a_counterfactual_says_what_it_rests_on(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "happened.csv"
    file.write_text("step,rain,sprinkler,grass\n1,no,on,wet\n")
    result = ask("sprinkler", "counterfactual", "--factual", str(file), "--do", "sprinkler=off", "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["grounds"]["grass"] == {"coupling": 1}
    assert facts["mean_difference"]["grass"] == pytest.approx([-1])  # with neither rain nor sprinkler it is surely dry
    text = ask("sprinkler", "counterfactual", "--factual", str(file), "--do", "sprinkler=off").stdout
    assert next(line.split() for line in text.splitlines() if "grass" in line) == ["grass", "1", *["dry"] * 5]
    assert "up to the coupling of a discrete law at 1 steps" in text
    assert "weights without a tail" in text
    assert "inf" not in text
    assert "the answer may be used" in text
    file.write_text("step,grass\n1,moist\n2,wet\n")
    result = ask("sprinkler", "counterfactual", "--factual", str(file))
    assert (result.exit_code, "malformed-factual" in result.output) == (2, True)


def test_an_answer_that_a_few_draws_carry_ends_with_one(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "happened.csv"
    file.write_text("step,level\n" + "\n".join(f"{step},{value}" for step, value in enumerate([1, 5, 9, 14, 20, 25])))
    arguments = ("--factual", str(file), "--do", "inflow=1", "--do", "valve=0", "--draws", "50", "--source", "prior")
    (tmp_path / "tank/mechanisms/closed.toml").write_text(
        'format = 1\nid = "closed"\nassigns = "valve"\ntitle = "closed"\nlaw = "0 * valve[t-1]"\n'
    )
    result = ask("tank", "counterfactual", *arguments)
    assert result.exit_code == 1, result.output
    assert "may not be used" in result.stdout


@pytest.mark.parametrize(("rival", "size"), [("weak", 1.0), ("strong", 5.0)])
def test_a_rival_that_is_named_holds_alone(ask: Ask, rival: str, size: float) -> None:
    words = ("impulse", "x", "--kind", "value", "--horizon", "2", "--draws", "20", "--json")
    facts = json.loads(ask("two ways", *words, "--rival", rival).stdout)
    assert facts["rival"] == [rival]
    assert [level[0] for level in facts["differences"]["y"]] == pytest.approx([size] * 5)
    both = json.loads(ask("two ways", *words).stdout)["differences"]["y"]
    assert (both[0][0], both[-1][0]) == (pytest.approx(1.0), pytest.approx(5.0))
    loops = ask("two ways", "loops", "--rival", "x")
    assert loops.exit_code == 2
    assert "unknown-mechanism" in loops.output
