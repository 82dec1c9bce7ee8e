"""Commands run in processes of their own, and a failure says which command and what it said."""

from pathlib import Path

import pytest

from worldmodel.demo.running import Runner
from worldmodel.errors import EnvironmentProblem


def test_a_command_is_shown_before_it_runs_and_its_answer_kept(tmp_path: Path) -> None:
    shown: list[str] = []
    runner = Runner(tmp_path, shown.append)
    answer = runner.run("init", "a world", "--template", "us-macro", "--name", "Ada", "--key", _key(tmp_path))
    assert shown == runner.lines == ["glassworld init 'a world' --template us-macro --name Ada --key ada.pub"]
    assert answer["ok"] is True
    assert (tmp_path / "a world" / "world.toml").exists()


def test_a_failure_carries_the_command_and_its_problems(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem) as error:
        Runner(tmp_path, [].append).run("init", "world", "--template", "no-such-template", "--key", _key(tmp_path))
    (problem,) = error.value.problems
    assert problem.code == "demo-stopped"
    assert problem.where.startswith("glassworld init world")
    assert "no-such-template" in problem.found


def _key(folder: Path) -> str:
    from worldmodel.demo.people import make_people

    (folder / "ada.pub").write_text(make_people(folder / "keys")["author"].public + "\n")
    return "ada.pub"
