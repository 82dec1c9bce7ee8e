"""Keys that an SSH agent keeps: listed and used over its socket, so that no private key enters this process.

Speaks the three messages of the agent protocol that signing needs (draft-miller-ssh-agent). An agent's answer is
checked like anybody's: its length is bounded, and a signature that does not verify is refused. Only commands that sign
import this.
"""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from worldmodel.errors import EnvironmentProblem, InputError, Problem
from worldmodel.governance.sshsig import KEY_TYPE, fingerprint, join_strings, parse_wire_key, split_strings, wire_key

VARIABLE = "SSH_AUTH_SOCK"
REQUEST_IDENTITIES, IDENTITIES, SIGN_REQUEST, SIGN_RESPONSE = 11, 12, 13, 14
LARGEST_ANSWER = 256 * 1024
MOST_KEYS = 1000
PATIENCE = 300.0  # seconds; an agent may ask its owner before it signs


@dataclass(frozen=True)
class AgentKey:
    """One Ed25519 key in an agent, which signs like a private key in this process."""

    path: str
    key: bytes
    comment: str

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""
        return Ed25519PublicKey.from_public_bytes(self.key)

    def sign(self, data: bytes, /) -> bytes:
        """The 64 bytes of a signature, checked; raises EnvironmentProblem if the agent gives none."""
        request = join_strings(wire_key(self.key), data) + bytes(4)
        kind, body = _ask(self.path, SIGN_REQUEST, request)
        if kind != SIGN_RESPONSE:
            raise _refused(self, "the agent refused to sign")
        try:
            [signature] = split_strings(body, 1)
            algorithm, raw = split_strings(signature, 2)
            self.public_key().verify(raw, data)
        except (InputError, InvalidSignature) as error:
            raise _refused(self, "the agent answered with no good signature") from error
        if algorithm != KEY_TYPE:
            raise _refused(self, "the agent answered with no good signature")
        return raw


def find_agent_key(wanted: str, environment: Mapping[str, str] = os.environ) -> AgentKey:
    """The one Ed25519 key in the agent whose fingerprint begins so; raises EnvironmentProblem if there is not one."""
    path = environment.get(VARIABLE, "")
    if not path:
        raise _no_agent("it is not set")
    keys = list_agent_keys(path)
    prefix = wanted if wanted.startswith("SHA256:") else f"SHA256:{wanted}"
    found = [one for one in keys if fingerprint(one.key).startswith(prefix) and len(prefix) > len("SHA256:")]
    if len(found) != 1:
        raise _not_one(path, prefix, keys, len(found))
    return found[0]


def list_agent_keys(path: str) -> list[AgentKey]:
    """The Ed25519 keys that the agent at this socket holds; keys of other kinds are left out."""
    kind, body = _ask(path, REQUEST_IDENTITIES, b"")
    if kind != IDENTITIES:
        raise _no_agent(f"{path} does not list its keys")
    try:
        return [AgentKey(path, key, comment) for key, comment in _identities(body)]
    except InputError as error:
        raise _no_agent(f"{path} answers with something that is no list of keys") from error


def _identities(body: bytes) -> Iterator[tuple[bytes, str]]:
    count = int.from_bytes(body[:4], "big")
    fields = split_strings(body[4:], 2 * min(count, MOST_KEYS))
    for wire, comment in zip(fields[::2], fields[1::2], strict=True):
        if wire.startswith(join_strings(KEY_TYPE)):
            yield parse_wire_key(wire, "ssh-agent"), comment.decode("utf-8", "replace")


def _ask(path: str, kind: int, body: bytes) -> tuple[int, bytes]:
    """Sends one message and reads the answer: its kind and body."""
    with _connected(path) as connection:
        connection.sendall(join_strings(bytes([kind]) + body))
        size = int.from_bytes(_read(connection, 4), "big")
        if not 1 <= size <= LARGEST_ANSWER:
            raise _no_agent(f"{path} answers with {size} bytes")
        answer = _read(connection, size)
    return answer[0], answer[1:]


@contextmanager
def _connected(path: str) -> Iterator[socket.socket]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(path)
            yield connection
    except OSError as error:
        raise _no_agent(f"{path}: {error.strerror or error}") from error


def _read(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        chunk = connection.recv(size - len(data))
        if not chunk:
            raise OSError("the agent closed the connection")
        data += chunk
    return data


def _no_agent(found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="no-agent",
            where=VARIABLE,
            found=found,
            wanted="the socket of a running ssh-agent",
            mend="start one with `eval $(ssh-agent)` and add your key with `ssh-add`, or sign with a key file (--key)",
        )
    )


def _not_one(path: str, wanted: str, keys: list[AgentKey], count: int) -> EnvironmentProblem:
    listed = ", ".join(f"{fingerprint(one.key)} ({one.comment})" for one in keys[:20])
    return EnvironmentProblem(
        Problem(
            code="agent-without-key",
            where=path,
            found=f"{count or 'no'} keys whose fingerprint begins with {wanted}",
            wanted=f"one of {listed}" if keys else "an Ed25519 key, and the agent holds none (it may be locked)",
            mend="add it with `ssh-add ~/.ssh/id_ed25519`, or name one that is there by its whole fingerprint",
        )
    )


def _refused(key: AgentKey, found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="agent-refused",
            where=key.path,
            found=f"{found} with {fingerprint(key.key)}",
            wanted="a signature",
            mend="confirm it when the agent asks, unlock it with `ssh-add -X`, or sign with a key file (--key)",
        )
    )
