"""A disk that is full at the first, second, third, … page that an operation writes: each is refused whole, or done."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = '''
"""Runs each operation with 0, 1, 2, … free pages until it succeeds, and looks at everything after each attempt."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])

from tests.reviewer.conftest import FILES, Team
from worldmodel.commands.output import machine_problem
from worldmodel.errors import GlassworldError

PAGE, MOST = 4096, 400
LEAK = "mechanisms/leak.toml"


def leave(filler, pages):
    """Fills the disk, but for so many pages."""
    with open(filler, "ab", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * PAGE):
            pass
    size = filler.stat().st_size
    with open(filler, "r+b") as file:
        file.truncate(max(0, size - size % PAGE - pages * PAGE))


def problem_of(work):
    """The code of the problem that the work ends in; None where it succeeds."""
    try:
        work()
    except GlassworldError as error:
        return error.problems[0].code
    except OSError as error:
        return machine_problem(error).problems[0].code
    return None


def until_done(team, name, work, done):
    """The number of attempts that were refused before the operation succeeded."""
    filler = team.folder.parent / "filler"
    for pages in range(MOST):
        leave(filler, pages)
        problem = problem_of(work)
        filler.unlink()
        if problem is None:
            assert done(), name
            return pages
        assert problem == "disk-full", (name, pages, problem)
        assert team.history is not None
    raise AssertionError(f"{name} needs more than {MOST} pages")


def main():
    team = Team(Path(sys.argv[2]) / "world")
    team.adopt()
    changes = {LEAK: FILES[LEAK].replace(b"0.9 *", b"0.7 *")}
    refused = {}
    def opened():
        return team.open(changes)

    def drafted():
        return kept.append(team.draft(2, "comment", "hm"))

    def signed():
        return team.sign(kept[-1], "bob")

    def merged():
        return team.merge(2)

    kept = []
    refused["open"] = until_done(team, "open", opened, lambda: team.request(2).state.status == "open")
    refused["draft"] = until_done(team, "draft", drafted, lambda: bool(kept))
    refused["sign"] = until_done(team, "sign", signed, lambda: len(team.request(2).entries) == 2)
    team.approve(2, "bob", "cy", "dan")
    refused["merge"] = until_done(team, "merge", merged, lambda: team.request(2).state.status == "merged")
    assert (team.folder / LEAK).read_bytes() == changes[LEAK]
    told = subprocess.run(["git", "-C", team.folder, "fsck"], capture_output=True, text=True, check=True)
    assert [line for line in (told.stdout + told.stderr).splitlines() if "dangling" not in line] == []
    print(json.dumps(refused))


main()
'''


def test_a_disk_that_is_full_at_every_write(tmp_path: Path, repository: Path) -> None:
    """On a real file system of few megabytes, where the kernel lets us make one."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespaces here")
    mount = tmp_path / "small"
    mount.mkdir()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    shell = f"mount -t tmpfs -o size=4m none {mount} && exec {sys.executable} {script} {repository} {mount}"
    done = subprocess.run([unshare, "-rm", "sh", "-c", shell], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    refused = json.loads(done.stdout)
    assert min(refused.values()) >= 1
