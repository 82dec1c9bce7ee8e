"""`glassworld check` answers at once: it loads nothing that computes, only what reads."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HEAVY = {
    *("torch", "pyro", "numpy", "scipy", "pandas", "statsmodels", "matplotlib", "networkx", "pint", "gymnasium"),
    *("rich", "IPython", "cryptography", "pygit2", "safetensors", "onnx", "arviz_stats", "sympy"),
}
PROGRAM = """
import sys
from worldmodel.commands.main import main
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def _loaded(*words: str) -> tuple[int, set[str]]:
    command = [sys.executable, "-c", PROGRAM, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, set(done.stderr.split())


def test_check_loads_nothing_heavy(tank: Callable[..., dict[str, bytes]], tmp_path: Path) -> None:
    for path, content in tank().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    code, loaded = _loaded("check", "--world", str(tmp_path))
    assert code == 0
    assert "worldmodel" in loaded
    assert loaded & HEAVY == set()
    (tmp_path / "mechanisms" / "level.toml").write_text("format = 2", encoding="utf-8")
    code, loaded = _loaded("check", "--world", str(tmp_path))
    assert code == 1
    assert loaded & HEAVY == set()


def test_a_world_that_is_loaded_brings_no_torch() -> None:
    program = "import sys, worldmodel.build, worldmodel.world; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & HEAVY == set()
