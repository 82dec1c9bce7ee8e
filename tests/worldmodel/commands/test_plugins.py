"""No plugin of Pydantic is looked for, and the real place to look stays within reach."""

import os
import subprocess
import sys

PROGRAM = """
import sys
from worldmodel.commands.plugins import without_plugins
without_plugins()
from pydantic import BaseModel
class Value(BaseModel):
    number: int
print(Value(number=1).number, "importlib.metadata" in sys.modules)
from pydantic.plugin._loader import PYDANTIC_ENTRY_POINT_GROUP, get_plugins
print(PYDANTIC_ENTRY_POINT_GROUP, *get_plugins())
"""


def _said(**environment: str) -> list[str]:
    own = {name: value for name, value in os.environ.items() if name != "PYDANTIC_DISABLE_PLUGINS"} | environment
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True, env=own)
    return done.stdout.splitlines()


def test_nothing_is_looked_for_and_the_real_module_can_still_be_asked() -> None:
    assert _said() == ["1 False", "pydantic"]


def test_who_starts_the_process_may_decide_otherwise() -> None:
    assert _said(PYDANTIC_DISABLE_PLUGINS="some-plugin") == ["1 True", "pydantic"]
