"""The one distribution carries the four packages whole: code, templates and type markers, and nothing else."""

import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import gates
import pytest

COPIED = (*gates.PACKAGES, "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    source = tmp_path_factory.mktemp("source")
    for name in COPIED:
        place = gates.ROOT / name
        if place.is_dir():
            shutil.copytree(place, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, source / name)
    build = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", build, str(source)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(source.glob("*.whl")))


def test_every_file_of_the_packages_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    wanted = {
        path.relative_to(gates.ROOT).as_posix()
        for package in gates.PACKAGES
        for path in (gates.ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    carried = {name for name in wheel.namelist() if ".dist-info/" not in name}
    assert carried == wanted


def test_entry_points_lead_to_modules_that_exist() -> None:
    project = tomllib.loads((gates.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {**project["entry-points"], "scripts": project["scripts"]}
    modules = [target.partition(":")[0] for group in groups.values() for target in group.values()]
    missing = [module for module in modules if not (gates.ROOT / Path(*module.split("."))).with_suffix(".py").exists()]
    assert missing == []
