"""Runs attacks: all of the mild ones in a confined process, or one of any kind behind walls of one's choice.

As a program it takes the walls and the names of attacks, reads the scene from standard input, and answers one line of
JSON for each attack. Where forking is not refused, each attack runs in a process of its own and disturbs no other.
"""

import errno
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from battery.files import FILES
from battery.machinery import MACHINERY
from battery.network import NETWORK
from battery.processes import PROCESSES
from battery.scene import Attack, NotPossible, Scene, load_scene
from policy.confinement import allowed, landlock, launch, process, readable, seccomp

ATTACKS: Mapping[str, Attack] = {attack.name: attack for attack in (*FILES, *NETWORK, *PROCESSES, *MACHINERY)}


def mild_attacks(request: bytes, emit: Callable[[dict[str, Any]], None]) -> Mapping[str, bytes]:
    """Target of a confined run: every attack that does not end the process."""
    scene = load_scene(request)
    mild = [attack for attack in ATTACKS.values() if not attack.grave]
    for attack in mild:
        emit({"attack": attack.name, "outcome": outcome(attack, scene)})
    return {"count": str(len(mild)).encode()}


def outcome(attack: Attack, scene: Scene) -> str:
    """`success`, or why not."""
    try:
        attack.run(scene)
    except NotPossible as reason:
        return f"nothing: {reason}"
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, str(error))
    except Exception as error:  # noqa: BLE001 — whatever a library makes of a refusal
        return f"{type(error).__name__}: {error}"
    return "success"


def main(walls: str, names: list[str]) -> None:
    """Puts up walls from the list none, landlock, first, second (joined by +), then attacks."""
    scene = load_scene(sys.stdin.read())
    chosen = [ATTACKS[name] for name in names or ATTACKS]
    apart = "first" not in walls
    _put_up(set(walls.split("+")))
    for attack in chosen:
        if apart and os.fork() != 0:
            os.wait()
            continue
        line = {"attack": attack.name, "grave": attack.grave, "outcome": outcome(attack, scene)}
        os.write(1, json.dumps(line).encode() + b"\n")
        if apart:
            os._exit(0)


def _put_up(walls: set[str]) -> None:
    if walls & {"landlock", "first", "second"}:
        process.give_up_privileges()
    if "landlock" in walls:
        paths = readable.readable_for_training(launch.package_root())
        scratch = os.environ["TMPDIR"]
        landlock.restrict(paths.readable, paths.listable, scratch, landlock.available_version())
    if "first" in walls:
        seccomp.install(allowed.while_importing(os.getpid()))
    if "second" in walls:
        seccomp.install(allowed.while_computing(os.getpid()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
