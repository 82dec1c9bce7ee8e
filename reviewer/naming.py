"""How people are named wherever something is shown: signers with their remarks, and made-up ones said aloud."""

from reviewer.history import History
from worldmodel.governance.roster import Roster
from worldmodel.governance.sshsig import fingerprint


def who(roster: Roster, key: bytes) -> str:
    """A signer as people read it: name with its remarks, or the fingerprint of a stranger's key."""
    label = roster.signer(key)
    return f"unknown key {fingerprint(key)}" if label == roster.label(None) else label


def made_up_note(history: History) -> str:
    """The sentence that everything shown about made-up people carries; empty where all are real."""
    labels = sorted(history.standing.made_up)
    return f"People of this world for demonstration only: {', '.join(labels)}." if labels else ""
