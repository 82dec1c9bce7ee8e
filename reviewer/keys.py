"""Private keys, read from OpenSSH Ed25519 key files, encrypted ones too. Only commands that sign import this.

The passphrase is asked on the terminal of the person who signs; no argument, environment variable, pipe or helper
program can hand it over. Where there is no terminal, an SSH agent can hold the key (`reviewer.agent`).
"""

import getpass
import warnings
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from worldmodel.errors import EnvironmentProblem, InputError, Problem
from worldmodel.governance.sshsig import public_bytes

__all__ = ["DEFAULT_KEY", "Passphrase", "load_key", "public_bytes"]

DEFAULT_KEY = Path("~/.ssh/id_ed25519")
Passphrase = Callable[[str], str]


def ask_on_terminal(prompt: str) -> str:
    """Asks for a passphrase, unseen, on the controlling terminal; raises EOFError where there is none."""
    with warnings.catch_warnings():
        # Without a terminal, getpass warns and then reads standard input, where a passphrase would come from a pipe.
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except getpass.GetPassWarning as error:
            raise EOFError from error


def load_key(path: Path, passphrase: Passphrase = ask_on_terminal) -> Ed25519PrivateKey:
    """The Ed25519 key in an OpenSSH private key file; asks for the passphrase only if the file is encrypted."""
    data = _read(path.expanduser())
    try:
        key: object = load_ssh_private_key(data, password=None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as error:
        if "password" not in str(error).lower():
            raise _bad_key(path, str(error)) from error
        key = _unlock(data, path, passphrase)
    if not isinstance(key, Ed25519PrivateKey):
        raise _bad_key(path, "a key of another kind")
    return key


def _unlock(data: bytes, path: Path, passphrase: Passphrase) -> object:
    try:
        secret = passphrase(f"Passphrase of {path}: ")
    except (EOFError, OSError) as error:
        raise _locked(path, "no terminal to ask for the passphrase on") from error
    try:
        return load_ssh_private_key(data, password=secret.encode("utf-8"))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _locked(path, "a passphrase that does not open it") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            Problem(
                code="no-key",
                where=str(path),
                found=error.strerror or str(error),
                wanted="your OpenSSH private key",
                mend="name it with --key, or make one with `ssh-keygen -t ed25519`",
            )
        ) from error


def _locked(path: Path, found: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        Problem(
            code="key-locked",
            where=str(path),
            found=found,
            wanted="the passphrase of this key, typed on a terminal",
            mend="run the command in a terminal and type the passphrase that you gave to ssh-keygen, or unlock the key "
            "once with `ssh-add` and sign with --agent",
        )
    )


def _bad_key(path: Path, found: str) -> InputError:
    return InputError(
        Problem(
            code="unusable-key",
            where=str(path),
            found=found[:200],
            wanted="an OpenSSH private key of kind Ed25519",
            mend="make one with `ssh-keygen -t ed25519`",
        )
    )
