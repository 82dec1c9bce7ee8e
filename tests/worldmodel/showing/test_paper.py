"""The LaTeX document is whole: every environment closes, every mechanism stands in it, nothing hostile acts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.worldmodel.showing.hostile import hostile_world, us_macro
from tests.worldmodel.surface_worlds import EPIDEMIC, SPRINKLER, world_from
from worldmodel.build import build_world
from worldmodel.readings.latex import to_latex
from worldmodel.showing.paper import world_document
from worldmodel.world import World

WORLDS = {
    "epidemic": lambda: world_from(EPIDEMIC),
    "sprinkler": lambda: world_from(SPRINKLER),
    "hostile": hostile_world,
}


@pytest.mark.parametrize("name", WORLDS)
def test_every_environment_and_brace_closes(name: str) -> None:
    world: World = WORLDS[name]()
    text = world_document(world)
    stack = []
    for kind, environment in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if kind == "begin":
            stack.append(environment)
        else:
            assert stack.pop() == environment
    assert stack == []
    bare = re.sub(r"\\[\\{}%$#&_]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count(r"\left") == bare.count(r"\right")
    assert text.count(r"\paragraph{") == len(world.mechanisms)
    equations = [to_latex(mechanism, world) for mechanism in world.mechanisms.values()]
    assert all(equation.replace("&", "") in text.replace("&", "") for equation in equations)


def test_only_commands_of_ours_are_in_a_hostile_document() -> None:
    text = world_document(hostile_world())
    assert "\u202e" not in text
    assert r"\textbackslash{}input\{x\}" in text
    assert r"\input{x}" not in text
    assert not re.search(r"(?<!\\)%", text)


def test_parameters_and_steps_are_in_it() -> None:
    text = world_document(build_world(us_macro()))
    assert r"phillips\_curve.slope & 1/year & HalfNormal(0.5) & 0.0314 to 0.98 & not fitted" in text
    assert r"&\sim t_\nu" in text or r"&\sim" in text
    steps = world_document(world_from(EPIDEMIC))
    assert r"\text{pressure} &= \frac{\sum_{b} " in steps


@pytest.mark.skipif(shutil.which("lualatex") is None, reason="no LuaLaTeX on this machine")
@pytest.mark.parametrize("name", WORLDS)
def test_it_compiles(name: str, tmp_path: Path) -> None:
    (tmp_path / "world.tex").write_text(world_document(WORLDS[name]()), encoding="utf-8")
    asked = ["lualatex", "-interaction=nonstopmode", "-halt-on-error", "world.tex"]
    assert subprocess.run(asked, check=False, cwd=tmp_path, capture_output=True).returncode == 0
