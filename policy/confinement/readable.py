"""What a confined process may read: Python's own library, the libraries that training needs, our two packages, and two
files of the machine.

Named one by one, because a folder of installed packages also holds what training must not see: the tenants `assistants`
and `reviewer`, and whole data sets (statsmodels ships the very data that the us-macro world is fitted to).
"""

import importlib.metadata
import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Training may import these and what they require. Nothing that carries data sets, speaks to networks for a living, or
# reads tables.
LIBRARIES = (
    # arithmetic
    *("torch", "numpy", "scipy", "llvmlite", "numba", "pyro-ppl", "networkx", "gymnasium"),
    # what goes in and comes out
    *("pydantic", "rfc8785", "jaxtyping", "lark", "pint", "safetensors", "onnx", "cryptography"),
    # said on the way
    *("click", "rich", "tqdm"),
)

# Parts of our own packages that training never needs: they read data, fit to it, or hold example data.
_NOT_FOR_TRAINING = {"worldmodel": {"data", "inference", "templates"}, "policy": set[str]()}

# torch picks slower, differently rounding kernels where it cannot read the first, and is not imported without the
# second
_MACHINE = ("/proc/cpuinfo", "/dev/urandom")
_LOADER = ("/etc/ld.so.cache", "/lib64", "/usr/lib64")


@dataclass(frozen=True)
class Readable:
    """Paths that may be read with all beneath them, folders that may be listed, and where imports are looked for."""

    readable: tuple[str, ...]
    listable: tuple[str, ...]
    import_path: tuple[str, ...]


def readable_for_training(root: Path) -> Readable:
    """The paths for a process whose own code lies in `root`/worldmodel and `root`/policy."""
    standard = Path(sysconfig.get_path("stdlib"))
    dynamic = Path(sysconfig.get_path("platstdlib"))
    readable: set[Path] = {path for path in _shared_libraries() if path.exists()}
    listable: set[Path] = {standard, dynamic}
    for folder in (standard, dynamic):
        readable |= _within(folder, without={"site-packages", "dist-packages", "test"})
    for package, without in _NOT_FOR_TRAINING.items():
        listable.add(root / package)
        readable |= _within(root / package, without)
    installed = _with_requirements()
    homes = dict.fromkeys(Path(str(each.locate_file(""))) for each in installed)
    listable |= set(homes)
    readable |= {path for each in installed for path in _top_paths(each) if path.exists()}
    return Readable(_texts(readable), _texts(listable), tuple(map(str, homes)))


def _within(folder: Path, without: set[str]) -> set[Path]:
    return {path for path in folder.iterdir() if path.name not in without | {"__pycache__"}}


def _texts(paths: set[Path]) -> tuple[str, ...]:
    return tuple(sorted(map(str, paths)))


def _shared_libraries() -> Iterator[Path]:
    yield from map(Path, (*_MACHINE, *_LOADER))
    triple = sysconfig.get_config_var("MULTIARCH")
    if triple and Path("/usr/lib", triple).exists():
        yield from (Path("/usr/lib", triple), Path("/lib", triple))
    else:
        yield from (Path("/usr/lib"), Path("/lib"))


def _with_requirements() -> list[importlib.metadata.Distribution]:
    """The installed ones of our libraries, with everything that they require, each once."""
    found: dict[str, importlib.metadata.Distribution] = {}
    waiting = list(LIBRARIES)
    while waiting:
        name = _normal(waiting.pop())
        if name in found:
            continue
        try:
            found[name] = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        waiting += [_normal(line) for line in found[name].requires or () if "extra ==" not in line]
    return list(found.values())


def _normal(requirement: str) -> str:
    """`Foo_bar>=1; marker` as `foo-bar`."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", name[0] if name else requirement).lower()


def _top_paths(installed: importlib.metadata.Distribution) -> set[Path]:
    """The folders and files right in the package folder that an installed library owns."""
    record = installed.read_text("RECORD") or ""
    tops = {line.split(",", 1)[0].strip('"').split("/", 1)[0] for line in record.splitlines()}
    home = Path(str(installed.locate_file("")))
    return {home / top for top in tops - {"", "..", "__pycache__"} if not top.endswith(".pth")}
