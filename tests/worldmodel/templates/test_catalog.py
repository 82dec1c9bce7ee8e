"""Templates are complete worlds, and their data come out the same every time."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from worldmodel.build import check_files
from worldmodel.errors import InputError
from worldmodel.templates import template_files, template_lines, template_names, write_data


@pytest.mark.parametrize("name", template_names())
def test_every_template_checks(name: str) -> None:
    assert check_files(template_files(name)) == []


def test_each_has_a_line_of_its_own() -> None:
    lines = template_lines()
    assert tuple(lines) == template_names() == ("influenza", "machine", "rossi", "shallow-lake", "us-macro")
    assert len(set(lines.values())) == len(lines)
    assert all(0 < len(line) <= 120 and "\n" not in line for line in lines.values())


@pytest.mark.parametrize("name", template_names())
def test_a_template_has_data_exactly_where_its_world_reads_some(name: str, tmp_path: Path) -> None:
    header = tomllib.loads(template_files(name)["world.toml"].decode())
    path = write_data(name, tmp_path)
    assert (path is None) == ("data" not in header)
    assert path is None or path == tmp_path / header["data"]["file"]


@pytest.mark.parametrize("name", ["influenza", "rossi", "us-macro"])
def test_data_are_the_same_bytes_every_time(name: str, tmp_path: Path) -> None:
    first, second = write_data(name, tmp_path / "one"), write_data(name, tmp_path / "two")
    assert first is not None
    assert second is not None
    assert first.read_bytes() == second.read_bytes()
    assert [path.name for path in first.parent.iterdir()] == [first.name]


def test_an_unknown_template_is_an_error(tmp_path: Path) -> None:
    for call in (lambda: template_files("../us_macro"), lambda: write_data("moon", tmp_path)):
        with pytest.raises(InputError, match="one of influenza, machine, rossi, shallow-lake, us-macro"):
            call()


def test_listing_templates_loads_nothing_heavy() -> None:
    program = (
        "import sys; from worldmodel.templates import template_files; template_files('us-macro');"
        "sys.exit(any(name in sys.modules for name in ('pandas', 'statsmodels', 'numpy', 'torch', 'pint')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
