"""The roster in OpenSSH's words, so that plain `ssh-keygen` and `git` check our signatures without any code of ours.

`allowed_signers` has one line for each key: the member's identity, and the namespaces in which the key is good. An
assistant's key is good for proposing alone, so no commit and no vote verifies with it. `valid-after` and
`valid-before` are left out: they compare with a clock that the signer sets, while a key is judged here by its place in
the log. Whoever checks an old merge takes the roster of that merge instead.
"""

from collections.abc import Iterator

from reviewer.commits import GIT_NAMESPACE
from worldmodel.governance.roster import Member, Roster
from worldmodel.governance.sshsig import parse_public_key, render_public_key
from worldmodel.governance.statement import PROPOSE_NAMESPACE, REVIEW_NAMESPACE


def allowed_signers(roster: Roster) -> str:
    """The file that `ssh-keygen -Y verify -f` and git's `gpg.ssh.allowedSignersFile` read."""
    lines = [
        f'{identity} namespaces="{",".join(namespaces(member))}" {render_public_key(parse_public_key(line))}\n'
        for identity, member in sorted(roster.members.items())
        for line in member.keys
    ]
    return "".join(lines)


def revoked_keys(roster: Roster) -> str:
    """The file that `ssh-keygen -Y verify -r` and git's `gpg.ssh.revocationFile` read: one revoked key a line."""
    return "".join(f"{line}\n" for line in _revoked(roster))


def namespaces(member: Member) -> tuple[str, ...]:
    """The namespaces in which a member's keys are good."""
    if member.kind == "assistant":
        return (PROPOSE_NAMESPACE,)
    return (GIT_NAMESPACE, PROPOSE_NAMESPACE, REVIEW_NAMESPACE)


def _revoked(roster: Roster) -> Iterator[str]:
    for _, member in sorted(roster.members.items()):
        for one in member.revoked:
            yield render_public_key(parse_public_key(one.key))
