"""The whole way, as a user goes it: real commands, real data, real confinement; only the effort is small."""

import json
import re
import shlex
from html.parser import HTMLParser
from pathlib import Path

import pytest

from worldmodel.demo import words
from worldmodel.demo.report import FILES, MADE_UP, NEXT, report_html
from worldmodel.demo.running import Runner
from worldmodel.demo.steps import BUNDLE, POLICY, WORLD, Effort, Findings, walk

pytestmark = pytest.mark.timeout(900)  # some thirty commands, each in a process of its own

SMALL = Effort(
    {"iterations": 3, "affine_iterations": 3, "pool": 32, "checkpoints": 2, "validation_draws": 16}, draws=20, batch=1
)

WALK = Path(__file__).resolve().parents[3] / "docs/walk.md"
WALKED_COMMANDS = re.findall(
    r"^glassworld (?:show|mr|trace|inspect) .*$", WALK.read_text(encoding="utf-8"), re.MULTILINE
)


def silent(text: str) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Runner, Findings]:
    runner = Runner(tmp_path_factory.mktemp("demo"), silent)
    return runner, walk(runner, SMALL, silent)


@pytest.fixture(scope="module")
def report(walked: tuple[Runner, Findings]) -> str:
    runner, findings = walked
    return report_html(findings, runner.history, runner.folder)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]


def test_two_requests_were_approved_by_three_people_each(walked: tuple[Runner, Findings]) -> None:
    _, findings = walked
    for review in findings.reviews:
        assert {len(area["approved_by"]) for area in review.verdict["areas"]} == {3}
    assert {request["number"] for request in findings.inspected["requests"]} == {1, 2}


def test_the_assistant_wrote_the_second_request_and_its_numbers_are_in_the_bundle(
    walked: tuple[Runner, Findings],
) -> None:
    runner, findings = walked
    assert findings.inspected["requests"][1]["author"] == "Parameters (assistant)"
    assert findings.sealed["bits"] > 0
    bundle = (runner.folder / BUNDLE).read_text(encoding="utf-8")
    assert "posteriors/phillips_curve.toml" in bundle


def test_training_was_confined_and_replay_gave_the_same_bytes(walked: tuple[Runner, Findings]) -> None:
    runner, findings = walked
    assert findings.trained["level"] == "L3"
    assert findings.replayed["agrees"] is True
    statement = json.loads((runner.folder / POLICY / "statement.json").read_bytes())
    assert statement["predicate"]["parameters"]["bundle"]["sha256"] == findings.sealed["digest"].removeprefix("sha256:")


def test_the_policy_was_compared_with_the_three_rules_of_the_world(walked: tuple[Runner, Findings]) -> None:
    _, findings = walked
    assert {"policy", "historical_rule", "taylor_rule", "do_nothing"} <= findings.evaluated["rules"].keys()
    assert set(findings.evaluated["rules"]["policy"]["floors"]) == {"consumption_floor", "no_slump"}


def test_no_data_left_the_world(walked: tuple[Runner, Findings]) -> None:
    runner, _ = walked
    cells = (runner.folder / WORLD / "data" / "macro.csv").read_text().splitlines()[100].split(",")[1:]
    sealed = (runner.folder / BUNDLE).read_text(encoding="utf-8")
    assert not [cell for cell in cells if len(cell) > 6 and cell in sealed]


def test_the_report_needs_nothing_but_itself_and_runs_nothing(report: str) -> None:
    reader = _Reader()
    reader.feed(report)
    assert "script" not in reader.tags
    assert len(reader.sources) == 1
    assert reader.sources[0].startswith("data:image/png;base64,")


def test_the_report_says_that_people_are_made_up_and_what_is_not_known(report: str) -> None:
    assert MADE_UP in report
    assert "What moves unemployment is" in report
    assert "Do not run an economy with it." in report
    assert "the same bytes" in report


def test_the_report_shows_the_objective_of_every_rule(walked: tuple[Runner, Findings], report: str) -> None:
    _, findings = walked
    page = report[report.index("Who gains and who loses") :]
    assert ">objective<" in page
    for reading in findings.evaluated["rules"].values():
        assert f">{words.number(reading['objective']['value'])} (" in page


def test_every_file_that_the_report_names_exists(walked: tuple[Runner, Findings]) -> None:
    runner, _ = walked
    names = [name for entry, _ in FILES for name in entry.split(", ")]
    assert [name for name in names if not (runner.folder / name).exists()] == []


def test_the_walk_quotes_what_is_there(walked: tuple[Runner, Findings]) -> None:
    runner, _ = walked
    text = WALK.read_text(encoding="utf-8")
    prior, posterior = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert prior in (runner.folder / WORLD / "mechanisms/phillips_curve.toml").read_text(encoding="utf-8")
    assert posterior in (runner.folder / WORLD / "posteriors/phillips_curve.toml").read_text(encoding="utf-8")
    rows = (runner.folder / WORLD / "data/macro.csv").read_text(encoding="utf-8").splitlines()
    header, *table = [row.split(",") for row in rows]
    quarters = {row[0]: dict(zip(header, row, strict=True)) for row in table}
    assert quarters["1984Q1"]["inflation"] == "4.78"
    assert quarters["1983Q4"]["slack"].startswith("1.58")
    named = re.findall(r"`((?:world|policy)/[a-z_/]+\.(?:csv|json|safetensors)|bundle\.json)`", text)
    assert [name for name in named if not (runner.folder / name).exists()] == []


@pytest.mark.parametrize("line", WALKED_COMMANDS)
def test_commands_of_the_walk_can_be_run(walked: tuple[Runner, Findings], line: str) -> None:
    runner, _ = walked
    assert Runner(runner.folder, silent).run(*shlex.split(line)[1:])


@pytest.mark.parametrize("line", NEXT[:-1])
def test_what_to_do_next_can_be_done(walked: tuple[Runner, Findings], line: str) -> None:
    runner, _ = walked
    assert Runner(runner.folder, silent).run(*shlex.split(line)[1:])
