"""Every template trains from a sealed bundle behind all walls, by a run of seconds."""

from collections.abc import Callable
from pathlib import Path

import pytest

from policy.configuration import Configuration
from policy.training import train
from worldmodel.files import parse_toml
from worldmodel.templates import template_files, template_names


@pytest.mark.stress
@pytest.mark.parametrize("name", template_names())
def test_a_template_trains_confined(
    name: str, seal: Callable[..., bytes], quick: Configuration, tmp_path: Path
) -> None:
    bundle = seal({path: parse_toml(path, content) for path, content in template_files(name).items()})
    run = train(bundle, tmp_path / "run", quick, fingerprint=None, level="L3", progress=lambda _frame: None)
    assert run.statement.predicate.confinement.level == "L3"
    assert (tmp_path / "run" / "policy.onnx").is_file()
