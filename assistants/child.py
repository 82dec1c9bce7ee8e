"""The process in which an assistant runs: a request on standard input, lines of JSON on standard output, nothing else.

Confines itself before it imports anything that could start a thread; so the imports that need NumPy or torch stand
inside functions.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any, TextIO

from assistants import confinement


def main() -> None:
    """Reads the request, confines itself, runs the assistant, and writes progress, proposals or problems."""
    request = json.loads(sys.stdin.readline())
    # Whatever a library prints goes to standard error, so that it cannot pass for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    import worldmodel  # noqa: F401, PLC0415 -- found now, since the folder that holds the package is about to be closed

    if request["confined"]:
        confinement.confine([*confinement.programs(), *request["readable"]], request["scratch"])
    _run(request, answers)


def _run(request: dict[str, Any], answers: TextIO) -> None:
    from worldmodel.errors import GlassworldError  # noqa: PLC0415 -- only once confined

    try:
        for proposal in _proposals(request, answers):
            _say(answers, {"proposal": proposal})
    except GlassworldError as error:
        _say(answers, {"problems": [vars(problem) for problem in error.problems], "exit_code": error.exit_code})


def _proposals(request: dict[str, Any], answers: TextIO) -> list[Any]:
    from assistants.brief import Brief  # noqa: PLC0415 -- only once confined
    from assistants.registry import load  # noqa: PLC0415 -- only once confined
    from worldmodel.build import load_world  # noqa: PLC0415 -- only once confined

    def progress(what: str, done: int, total: int) -> None:
        _say(answers, {"progress": [what, done, total]})

    folder = Path(request["world"])
    progress("reading the world", 0, 1)
    brief = Brief(folder, load_world(folder), tuple(request["mechanisms"]), request["cross_check"], progress)
    return [proposal.model_dump(mode="json") for proposal in load(request["assistant"])(brief)]


def _say(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
