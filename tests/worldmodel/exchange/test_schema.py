"""JSON Schemas: valid themselves, with words for every key, and never stricter nor looser than the models on shapes."""

import copy
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from worldmodel.commands.schema import schema_command
from worldmodel.components.load import MODELS, load_component
from worldmodel.errors import InputError
from worldmodel.exchange.schema import FIELDS, schema_files, schemas
from worldmodel.files import parse_toml

GOLDEN = Path(__file__).parents[2] / "golden" / "format-1"
KINDS = {"variables": "variable", "mechanisms": "mechanism", "posteriors": "posterior", "utilities": "utility"}
KINDS |= {"properties": "property", "world.toml": "world", "objective.toml": "objective"}
FILES = [
    path.relative_to(GOLDEN).as_posix() for path in sorted(GOLDEN.rglob("*.toml")) if path.parent.name != "governance"
]


def objects(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object with keys in a schema, by the name of its model."""
    yield schema["title"], schema
    yield from ((name, part) for name, part in schema.get("$defs", {}).items() if "properties" in part)


def test_there_is_one_for_each_kind_and_each_is_a_schema() -> None:
    assert set(schemas()) == set(KINDS.values())
    for schema in schemas().values():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)


def test_every_key_has_words_and_every_word_a_key() -> None:
    found = {name for schema in schemas().values() for _, part in objects(schema) for name in part["properties"]}
    for schema in schemas().values():
        for model, part in objects(schema):
            assert part["additionalProperties"] is False, model
            for name, field in part["properties"].items():
                assert len(field.get("description", "")) > 5, f"{model}.{name} has no words in exchange/schema.py"
    assert {name.rpartition(".")[2] for name in FIELDS} <= found


@pytest.mark.parametrize("path", FILES)
def test_golden_files_are_valid(path: str) -> None:
    validator = Draft202012Validator(schemas()[KINDS[path.partition("/")[0]]])
    assert list(validator.iter_errors(parse_toml(path, (GOLDEN / path).read_bytes()))) == []


def broken(values: Any) -> Iterator[Any]:
    """Copies with one thing wrong: an unknown key in any table, and each leaf of another type."""

    def places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        yield path
        if isinstance(value, dict):
            for key in value:
                yield from places(value[key], (*path, key))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                yield from places(inner, (*path, number))

    for path in places(values, ()):
        copied: Any = {"": copy.deepcopy(values)}
        holder, key = copied, ""
        for step in path:
            holder, key = holder[key], step
        if isinstance(holder[key], dict):
            holder[key]["Not a Key"] = 1
        else:
            holder[key] = {"not": "this"} if isinstance(holder[key], str | bool) else "neither this"
        yield copied[""]


@pytest.mark.parametrize("path", FILES)
def test_the_schema_and_the_model_refuse_the_same(path: str) -> None:
    place = path.partition("/")[0]
    validator = Draft202012Validator(schemas()[KINDS[place]])
    count = 0
    for values in broken(parse_toml(path, (GOLDEN / path).read_bytes())):
        count += 1
        assert not validator.is_valid(values), values
        with pytest.raises(InputError):
            load_component(path, values, MODELS[place])
    assert count > 5


def test_the_command_writes_a_file_for_each_kind_and_says_to_editors_where(tmp_path: Path) -> None:
    result = CliRunner().invoke(schema_command, ["--out", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == schema_files()
    rules = tomllib.loads((tmp_path / ".taplo.toml").read_text(encoding="utf-8"))["rule"]
    for rule in rules:
        assert (
            json.loads((tmp_path / rule["schema"]["path"]).read_text(encoding="utf-8"))["title"].split("/")[0]
            in rule["include"][0]
        )
    printed = CliRunner().invoke(schema_command, ["--json"])
    assert set(json.loads(printed.output)["schemas"]) == set(KINDS.values())
