"""What the confined process itself tries after the last wall is up: to touch what its parent has put in reach.

Each attempt must fail. Runs in the child; the parent, in `probes`, made the targets and watches them.
"""

import socket
from collections.abc import Callable, Mapping
from errno import errorcode
from pathlib import Path

TOUCH = b"confinement probe"


def attempt_all(targets: Mapping[str, str]) -> dict[str, str]:
    """Tries every target; answers with the name of the error that each attempt met, empty where it got through."""
    return {name: _attempt(_ATTEMPTS[name], target) for name, target in targets.items()}


def _attempt(touch: Callable[[str], None], target: str) -> str:
    try:
        touch(target)
    except OSError as error:
        return errorcode.get(error.errno or 0, str(error))
    return ""


def _canary_file(path: str) -> None:
    Path(path).read_bytes()


def _canary_listing(path: str) -> None:
    list(Path(path).iterdir())


def _tcp(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as link:
        link.connect(("127.0.0.1", int(port)))
        link.sendall(TOUCH)


def _udp(port: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.sendto(TOUCH, ("127.0.0.1", int(port)))


def _unix(address: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
        link.sendto(TOUCH, address)


def _unix_abstract(name: str) -> None:
    _unix("\0" + name)


_ATTEMPTS: Mapping[str, Callable[[str], None]] = {
    "canary file": _canary_file,
    "canary folder": _canary_listing,
    "loopback TCP": _tcp,
    "loopback UDP": _udp,
    "unix socket by path": _unix,
    "unix socket by name": _unix_abstract,
}
