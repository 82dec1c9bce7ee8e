"""What training may read holds neither the tenants, nor what reads data, nor a data set."""

from pathlib import Path

import pytest

from policy.confinement.launch import package_root
from policy.confinement.readable import readable_for_training

ROOT = package_root()
PATHS = readable_for_training(ROOT)


def _covered(path: Path) -> bool:
    return any(path.is_relative_to(readable) for readable in PATHS.readable)


@pytest.mark.parametrize(
    "place",
    [
        ROOT / "assistants" / "__init__.py",
        ROOT / "reviewer" / "__init__.py",
        ROOT / "tests" / "conftest.py",
        ROOT / "worldmodel" / "data" / "series.py",
        ROOT / "worldmodel" / "inference" / "newton.py",
        ROOT / "worldmodel" / "templates" / "us-macro" / "data" / "series.csv",
        ROOT / ".git" / "HEAD",
        Path("/etc/passwd"),
        Path("/proc/self/status"),
        Path("/tmp/anything"),
        Path.home() / ".ssh" / "id_ed25519",
    ],
    ids=str,
)
def test_out_of_reach(place: Path) -> None:
    assert not _covered(place)


@pytest.mark.parametrize("library", ["statsmodels", "pandas", "matplotlib", "seaborn", "sklearn", "requests", "git"])
def test_libraries_that_carry_or_fetch_data_are_out_of_reach(library: str) -> None:
    for home in PATHS.import_path:
        assert not _covered(Path(home, library, "datasets", "macrodata.csv"))


@pytest.mark.parametrize("library", ["torch", "numpy", "scipy", "pydantic", "safetensors", "onnx"])
def test_what_training_needs_is_in_reach(library: str) -> None:
    assert any(_covered(Path(home, library, "__init__.py")) for home in PATHS.import_path)


def test_our_own_code_is_in_reach() -> None:
    assert _covered(ROOT / "worldmodel" / "errors.py")
    assert _covered(ROOT / "policy" / "confinement" / "child.py")


def test_nothing_above_what_is_needed_is_named() -> None:
    homes = {Path(home) for home in PATHS.import_path}
    for path in map(Path, PATHS.readable):
        assert path != ROOT
        assert path not in homes
        assert path not in ROOT.parents
