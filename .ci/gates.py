"""The measurable conventions, as functions from the source tree to a list of complaints.

`tests/project` asserts that each list is empty. `python .ci/gates.py` prints them all. Nothing here imports the
packages.
"""

import ast
import re
import statistics
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("worldmodel", "assistants", "reviewer", "policy")
SOURCE_FOLDERS = (*PACKAGES, "tests", "benchmarks", ".ci")

LONGEST_FILE = 400
LONGEST_FUNCTION = 60
LONGEST_MEDIAN = 10

# The field's words are spelled out; each of these stands for a longer one.
FORBIDDEN_NAMES = {
    "cfg": "configuration",
    "logp": "log_prob",
    "logprob": "log_prob",
    "mech": "mechanism",
    "obs": "observation",
    "params": "parameters",
    "traj": "trajectory",
}

# Distribution names that differ from the names they are imported by.
DISTRIBUTIONS = {
    "arviz_stats": "arviz-stats",
    "pydantic_core": "pydantic",
    "pyro": "pyro-ppl",
    "typing_extensions": "typing-extensions",
}

# Declared without being imported: what reads encrypted keys, hosts the notebooks, and carries statsmodels' data.
HOSTS = {"bcrypt", "ipywidgets", "jupyterlab", "pandas"}


def sources(folders: tuple[str, ...] = SOURCE_FOLDERS) -> list[Path]:
    """All Python files below the given folders, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def relative(path: Path) -> str:
    """A path as people name it: relative to the repository."""
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a tree, nested ones too."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines a function's body takes, its docstring apart."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_files() -> list[str]:
    """Files over the limit."""
    lengths = ((path, len(path.read_text(encoding="utf-8").splitlines())) for path in sources())
    return [f"{relative(path)}: {length} lines" for path, length in lengths if length > LONGEST_FILE]


def long_functions() -> list[str]:
    """Functions over the limit."""
    return [
        f"{relative(path)}:{function.lineno} {function.name}: {body_lines(function)} lines"
        for path in sources()
        for function in functions(parsed(path))
        if body_lines(function) > LONGEST_FUNCTION
    ]


def long_median() -> list[str]:
    """One complaint when the functions of the packages are, by their median, too long."""
    lengths = [body_lines(function) for path in sources(PACKAGES) for function in functions(parsed(path))]
    median = statistics.median(lengths)
    return [f"the median function has {median} lines"] if median > LONGEST_MEDIAN else []


def full_inits() -> list[str]:
    """`__init__.py` files that are missing, have no docstring, or hold more than imports and `__all__`."""
    folders = {path.parent for path in sources(PACKAGES)}
    complaints = [
        f"{relative(folder)}: no __init__.py" for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ]
    for path in sources(PACKAGES):
        if path.name != "__init__.py":
            continue
        tree = parsed(path)
        if ast.get_docstring(tree) is None:
            complaints.append(f"{relative(path)}: no docstring")
        complaints += [
            f"{relative(path)}:{node.lineno}: holds code"
            for node in tree.body
            if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)
        ]
    return complaints


def _bound_names(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Names that a file itself gives to functions, classes, arguments and variables."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield name, node.lineno
            case _:
                pass


def forbidden_words() -> list[str]:
    """Abbreviations where the field's word should stand."""
    return [
        f"{relative(path)}:{line}: {name}; write {FORBIDDEN_NAMES[name]}"
        for path in sources(PACKAGES)
        for name, line in _bound_names(parsed(path))
        if name in FORBIDDEN_NAMES
    ]


def error_codes() -> dict[str, str]:
    """Each code that the packages can raise, with one place where they do: the literals in `Problem(code=...)`."""
    codes = {}
    for path in sources(PACKAGES):
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if (
                        keyword.arg == "code"
                        and isinstance(keyword.value, ast.Constant)
                        and isinstance(keyword.value.value, str)
                    ):
                        codes[keyword.value.value] = f"{relative(path)}:{node.lineno}"
    return codes


def computed_codes() -> list[str]:
    """Problems whose code is not a literal, which no one can look up; `Problem(**...)` only reads one back."""
    return [
        f"{relative(path)}:{node.lineno}: the code is not a literal"
        for path in sources(PACKAGES)
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
        if not any(
            keyword.arg is None or (keyword.arg == "code" and isinstance(keyword.value, ast.Constant))
            for keyword in node.keywords
        )
    ]


def documented_codes() -> list[str]:
    """The codes that have a section in docs/errors.md, in the order of the file."""
    text = (ROOT / "docs/errors.md").read_text(encoding="utf-8")
    return re.findall(r"^## `?([a-z0-9-]+)`?$", text, flags=re.MULTILINE)


def _imports(tree: ast.AST) -> Iterator[str]:
    """The top-level names of everything a file imports."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name.partition(".")[0] for name in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case _:
                pass


def undeclared_dependencies() -> list[str]:
    """Imports of the packages that pyproject.toml does not name, and names there that nothing imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=!~ \[]", line)[0] for line in project["dependencies"]}
    used = {
        DISTRIBUTIONS.get(name, name)
        for path in sources(PACKAGES)
        for name in _imports(parsed(path))
        if name not in sys.stdlib_module_names and name not in PACKAGES
    }
    served = declared - HOSTS
    return [f"{name} is imported but not declared" for name in sorted(used - declared)] + [
        f"{name} is declared but never imported" for name in sorted(served - used)
    ]


def unmirrored_tests() -> list[str]:
    """Tests below tests/PACKAGE in a folder that the package does not have."""
    tests = (path for package in PACKAGES for path in sorted((ROOT / "tests" / package).rglob("test_*.py")))
    return [
        f"{relative(path)}: no package {path.parent.relative_to(ROOT / 'tests')}"
        for path in tests
        if not (ROOT / path.parent.relative_to(ROOT / "tests") / "__init__.py").exists()
    ]


GATES = (
    long_files,
    long_functions,
    long_median,
    full_inits,
    forbidden_words,
    computed_codes,
    undeclared_dependencies,
    unmirrored_tests,
)


def main() -> int:
    """Prints every complaint; 1 when there is one."""
    complaints = [f"{gate.__name__}: {complaint}" for gate in GATES for complaint in gate()]
    print("\n".join(complaints) or "every gate holds")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
