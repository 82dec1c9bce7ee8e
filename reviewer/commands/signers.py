"""Which key signs, as every command that signs is told: a private key file, or a key that an SSH agent keeps."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click
from click.core import ParameterSource

from reviewer.keys import DEFAULT_KEY

if TYPE_CHECKING:
    from worldmodel.governance.sshsig import Signer

Command = TypeVar("Command", bound=Callable[..., object])

agent_option = click.option(
    "--agent",
    "agent",
    metavar="FINGERPRINT",
    help="Sign with the key of this fingerprint (SHA256:…, as `ssh-add -l` shows it) in your ssh-agent instead.",
)


def key_options(*names: str, text: str = "Your OpenSSH Ed25519 private key.") -> Callable[[Command], Command]:
    """The options that name the signing key: a file by any of these names, or a key in the agent."""
    file_option = click.option(
        *names, "key", type=click.Path(path_type=Path), default=DEFAULT_KEY, show_default=True, help=text
    )
    return lambda command: file_option(agent_option(command))


def load_signer(key: Path, agent: str | None) -> "Signer":
    """The signer that the options name; raises UsageError if they name two."""
    from reviewer.agent import find_agent_key
    from reviewer.keys import load_key

    if agent is None:
        return load_key(key)
    if click.get_current_context().get_parameter_source("key") == ParameterSource.COMMANDLINE:
        raise click.UsageError("choose a key file or --agent, not both")
    return find_agent_key(agent)
