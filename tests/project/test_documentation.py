"""Documentation that can be wrong is held to the code: errors, commands, links, notebooks, decisions."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import gates
import generate_docs
import pytest

PAGES = sorted([*gates.ROOT.glob("*.md"), *gates.ROOT.glob("docs/**/*.md"), *gates.ROOT.glob("benchmarks/*.md")])


def test_every_error_code_has_its_section_and_no_section_is_left_over() -> None:
    assert sorted(gates.documented_codes()) == sorted(gates.error_codes())


def test_sections_of_errors_are_sorted() -> None:
    assert gates.documented_codes() == sorted(gates.documented_codes())


def test_command_reference_is_what_the_commands_say() -> None:
    # In a process of its own, since click keeps the help option that a command was first asked for with.
    asked = [sys.executable, generate_docs.__file__, "--print"]
    rendered = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    written = generate_docs.TARGET.read_text(encoding="utf-8")
    assert written == rendered, "run `make docs`"


def test_every_command_says_what_it_is_for() -> None:
    silent = [
        name for name, command in generate_docs.commands(generate_docs.glassworld, "glassworld") if not command.help
    ]
    assert silent == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(gates.ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_notebooks_hold_no_outputs() -> None:
    for path in sorted(gates.ROOT.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == [], path


def test_decisions_are_numbered_titled_and_dated() -> None:
    records = sorted((gates.ROOT / "docs/decisions").glob("*.md"))
    assert [path.name[:4] for path in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    for path in records:
        text = path.read_text(encoding="utf-8")
        assert re.match(rf"# {path.name[:4]}[.:] \S", text), path
        assert re.search(r"\b2\d{3}-\d{2}-\d{2}\b", text), path


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((gates.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"## {version}" in (gates.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_sources_named_in_the_code_stand_in_the_bibliography() -> None:
    entries = set(
        re.findall(r"^@\w+\{([^,]+),", (gates.ROOT / "docs/references.bib").read_text(encoding="utf-8"), re.MULTILINE)
    )
    cited = {
        (key, gates.relative(path))
        for path in gates.sources(gates.PACKAGES)
        for key in re.findall(r"\b[a-z]{3,}(?:19|20)\d\d[a-z]?\b", path.read_text(encoding="utf-8"))
    }
    assert sorted(place for place in cited if place[0] not in entries) == []


def test_exact_versions_cover_every_declared_dependency() -> None:
    project = tomllib.loads((gates.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [
        *project["dependencies"],
        *project["optional-dependencies"]["test"],
        *project["optional-dependencies"]["bench"],
    ]
    pinned = {
        line.partition("==")[0].lower().replace("_", "-")
        for line in (gates.ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    assert {re.split(r"[<>=!~ \[]", line)[0] for line in declared} - pinned == set()


def _typed_commands() -> Iterator[tuple[str, list[str]]]:
    """Every `glassworld ...` line that a page tells its reader to type, without the reference that is generated."""
    for page in PAGES:
        if page != generate_docs.TARGET:
            blocks = re.findall(
                r"^```(?:bash|console|sh)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
            )
            for line in "\n".join(blocks).replace("\\\n", " ").splitlines():
                words = shlex.split(line, comments=True)
                if words[:1] == ["glassworld"]:
                    yield f"{page.name}: {line}", words[1:]


@pytest.mark.parametrize(
    ("place", "words"), list(_typed_commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_commands_in_the_pages_exist_with_their_options(place: str, words: list[str]) -> None:
    command: click.Command = generate_docs.glassworld
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, place
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert [word for word in words if re.match(r"--?[a-z]", word) and word.partition("=")[0] not in known] == [], place
