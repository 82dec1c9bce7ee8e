"""Format 1 is frozen: golden files use every key that it has, and must mean the same for ever.

The files and `digests.json` are never edited. A change that this test refuses needs a new format and an upgrade to it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from worldmodel.build import check_files
from worldmodel.canonical import canonical_json, digest, digest_bytes
from worldmodel.components.load import MODELS, load_component
from worldmodel.exchange.upgrade import CURRENT, upgraded, world_files
from worldmodel.files import parse_toml, read_folder

GOLDEN = Path(__file__).parents[2] / "golden" / "format-1"
RECORDED: dict[str, dict[str, str]] = json.loads((GOLDEN / "digests.json").read_text(encoding="utf-8"))
FROZEN = "sha256:1ca9fc047b7028e58196755f13e82460c73db2cd19a8a2ba88cd3d67a4201894"
"""The digest of `digests.json` itself, so that the record cannot follow the code."""


def model_of(path: str) -> Any:
    return MODELS[path.partition("/")[0]]


def test_the_record_is_as_it_was_released() -> None:
    assert digest_bytes((GOLDEN / "digests.json").read_bytes()) == FROZEN
    assert set(world_files(GOLDEN)) == set(RECORDED)


@pytest.mark.parametrize("path", RECORDED)
def test_every_file_has_the_same_canonical_json_and_digest(path: str) -> None:
    values = parse_toml(path, (GOLDEN / path).read_bytes())
    assert canonical_json(values).decode("utf-8") == RECORDED[path]["json"]
    assert digest(values) == RECORDED[path]["digest"]


def test_the_files_are_a_world_that_checks() -> None:
    assert check_files(read_folder(GOLDEN)) == []


def test_nothing_is_upgraded() -> None:
    assert CURRENT == 1
    assert upgraded(world_files(GOLDEN)) == {}


def instances(value: Any) -> Iterator[BaseModel]:
    """A component and every part of it."""
    match value:
        case BaseModel():
            yield value
            yield from (part for name in type(value).model_fields for part in instances(getattr(value, name)))
        case dict():
            yield from (part for inner in value.values() for part in instances(inner))
        case tuple():
            yield from (part for inner in value for part in instances(inner))
        case _:
            return


def test_every_key_of_every_kind_is_in_some_file() -> None:
    used: dict[type[BaseModel], set[str]] = {}
    for path in RECORDED:
        if not path.startswith("governance/"):
            component = load_component(path, parse_toml(path, (GOLDEN / path).read_bytes()), model_of(path))
            for part in instances(component):
                used.setdefault(type(part), set()).update(part.model_fields_set)
    assert {model_of(path) for path in RECORDED if not path.startswith("governance/")} == set(MODELS.values())
    assert {
        m.__name__: sorted(set(m.model_fields) - names) for m, names in used.items() if set(m.model_fields) - names
    } == {}
