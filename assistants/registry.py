"""Which assistants are installed: the entry points of the group `assistants.proposers`."""

from importlib.metadata import entry_points

from assistants.brief import Proposer

GROUP = "assistants.proposers"


def names() -> tuple[str, ...]:
    """The names of all installed assistants, sorted."""
    return tuple(sorted(entry_points(group=GROUP).names))


def load(name: str) -> Proposer:
    """Loads an assistant's code; only its own process may call this."""
    proposer: Proposer = entry_points(group=GROUP)[name].load()
    return proposer
