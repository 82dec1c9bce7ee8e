"""Small static and dynamic worlds from their laws alone."""

import pytest

from worldmodel.build import build_world


def world(laws, supports=None, step=None, parameters=None, initial=None, roles=None, rivals=None):
    """`laws` maps "variable" or "variable.mechanism" to a law; a support of names makes a variable finite."""
    header = {"format": 1, "language": 1, "name": "small", "summary": "small", "rivals": rivals or {}}
    if step:
        header["step"] = step
    components = {"world.toml": header}
    assigned = {key: (key.split(".")[0], key.split(".")[-1]) for key in laws}
    names = {variable for variable, _ in assigned.values()} | set(roles or {})
    for name in sorted(names):
        support = (supports or {}).get(name, {"kind": "real"})
        if isinstance(support, str):
            support = {"kind": "finite", "values": support.split()}
        components[f"variables/{name}.toml"] = {
            "format": 1, "id": name, "title": name, "meaning": name, "unit": "1",
            "role": (roles or {}).get(name, "state"), "support": support,
            **({"initial": (initial or {}).get(name, ["Delta(0)"])} if step else {}),
        }  # fmt: skip
    for key, (variable, mechanism) in assigned.items():
        own = {n.split(".")[1]: p for n, p in (parameters or {}).items() if n.startswith(mechanism + ".")}
        components[f"mechanisms/{mechanism}.toml"] = {
            "format": 1, "id": mechanism, "assigns": variable, "title": mechanism, "law": laws[key],
            "parameters": {name: {"prior": prior, "why": "test"} for name, prior in own.items()},
        }  # fmt: skip
    return build_world(components)


@pytest.fixture(scope="session")
def small():
    return world
