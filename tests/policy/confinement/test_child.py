"""Attacks that work on an unconfined process, and none of which works on a confined one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from battery.run import ATTACKS
from battery.scene import Scene

from policy.confinement import launch
from policy.confinement.parent import run_confined
from policy.confinement.readable import Readable

HERE = Path(__file__).parent
GRAVE = sorted(name for name, attack in ATTACKS.items() if attack.grave)


def _attack(scene: Scene, walls: str, *names: str, scratch: Path) -> tuple[dict[str, str], int]:
    """Outcomes by attack, and the attacker's status; without walls it inherits everything."""
    bare = walls == "none"
    private = {"TMPDIR": str(scratch), "PYTHONPATH": f"{HERE}:{launch.package_root()}"}
    done = subprocess.run(
        [sys.executable, "-B", "-m", "battery.run", walls, *names],
        input=scene.to_json().encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=not bare,
        env={**(os.environ if bare else {}), **({"GLASSWORLD_SECRET": scene.secret} if bare else {}), **private},
        check=False,
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["attack"]: line["outcome"] for line in lines}, done.returncode


@pytest.fixture(scope="module")
def unconfined(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    outcomes, _ = _attack(scene, "none", scratch=tmp_path_factory.mktemp("scratch"))
    silent = set(ATTACKS) - set(outcomes)
    # a program that took the attacker's place says nothing any more
    assert silent <= {"execute", "execute_memory"}
    return outcomes | dict.fromkeys(silent, "success")


def test_attacks_work_where_nothing_stops_them(unconfined: Mapping[str, str]) -> None:
    idle = {name: outcome for name, outcome in unconfined.items() if outcome != "success"}
    # some need root, some a kernel with the thing that they attack
    assert len(unconfined) - len(idle) >= (100 if os.geteuid() == 0 else 85), idle


def test_no_mild_attack_works_on_a_confined_process(scene: Scene, paths: Readable) -> None:
    said: list[Mapping[str, str]] = []
    done = run_confined("battery.run:mild_attacks", scene.to_json().encode(), on_progress=said.append, paths=paths)
    assert len(said) == int(done.result["count"]) == len(ATTACKS) - len(GRAVE)
    assert {line["attack"]: line["outcome"] for line in said if line["outcome"] == "success"} == {}
    assert done.report.level == "L3"


@pytest.mark.parametrize("name", GRAVE)
def test_a_grave_attack_is_the_last_thing_that_a_process_does(name: str, scene: Scene, tmp_path: Path) -> None:
    outcomes, status = _attack(scene, "landlock+first+second", name, scratch=tmp_path)
    assert outcomes == {}
    assert status == -signal.SIGSYS


@pytest.mark.stress
def test_each_wall_stops_more(unconfined: Mapping[str, str], scene: Scene, tmp_path: Path) -> None:
    mild = sorted(set(ATTACKS) - set(GRAVE))
    works = {"none": {name for name, outcome in unconfined.items() if outcome == "success"}}
    for walls in ("landlock", "first", "landlock+first", "landlock+first+second"):
        outcomes, _ = _attack(scene, walls, *mild, scratch=tmp_path)
        for name in GRAVE:
            outcomes |= _attack(scene, walls, name, scratch=tmp_path)[0]
        works[walls] = {name for name, outcome in outcomes.items() if outcome == "success"}
    assert works["none"] > works["first"] > works["landlock+first"] > works["landlock+first+second"] == set()
    assert works["none"] > works["landlock"] > works["landlock+first"]
    sys.stdout.write(json.dumps({walls: [len(names), sorted(names)] for walls, names in works.items()}))
