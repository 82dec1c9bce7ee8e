"""The reference pages name everything that the language and its files have."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from worldmodel.components.load import MODELS
from worldmodel.language.signatures import AGGREGATES, FUNCTIONS, LAWS, usage


def _fields(model: type[BaseModel]) -> set[str]:
    """The keys of a model and of the models inside it."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        found.add(name)
        for inner in _models(field.annotation):
            found |= _fields(inner)
    return found


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for inner in getattr(annotation, "__args__", ()) for model in _models(inner)]


@pytest.mark.parametrize("path", sorted(MODELS))
def test_every_key_of_every_file_is_in_the_reference(path: str, repository: Path) -> None:
    words = set(re.findall(r"[a-z_]+", (repository / "docs/reference/files.md").read_text()))
    assert _fields(MODELS[path]) <= words


def test_every_function_and_distribution_is_in_the_reference(repository: Path) -> None:
    text = (repository / "docs/reference/language.md").read_text()
    for name, function in FUNCTIONS.items():
        assert f"`{name}(" in text or f", `{name}(" in text, function
    for name, family in LAWS.items():
        assert f"`{usage(family)}`" in text or (family.repeated and f"`{name}(" in text)
    for name in AGGREGATES:
        assert f"`{name}`" in text
