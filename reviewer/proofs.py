"""The signatures of a request as files that `ssh-keygen -Y verify` reads, with nothing of ours in between.

For each entry of the log `NNN-KIND.signed` holds the bytes that were signed and `NNN-KIND.sig` the signature;
`allowed_signers-VERSION` is the roster under which it was made, and `verify.sh` the commands that check them all.
"""

from collections.abc import Mapping
from pathlib import Path

from reviewer.allowed_signers import allowed_signers
from reviewer.durable import write_durably
from reviewer.log import Request
from worldmodel.governance.operations import Open, Patchset
from worldmodel.governance.roster import Roster
from worldmodel.governance.sshsig import armor
from worldmodel.governance.statement import namespace_of, signed_parts

SCRIPT = """#!/bin/sh
# Checks every signature of this folder with plain ssh-keygen; ends with 1 if one is not good.
cd "$(dirname "$0")" || exit 2
status=0
check() {
    ssh-keygen -Y verify -f "$2" -I "$3" -n "$4" -s "$1.sig" < "$1.signed" || status=1
}
"""


def export_proofs(requests: Mapping[int, tuple[Request, Roster]], folder: Path) -> list[Path]:
    """Writes one folder for each request, each with the roster that judged it; returns the folders."""
    return [_export(request, roster, folder / f"request-{number}") for number, (request, roster) in requests.items()]


def _export(request: Request, roster: Roster, folder: Path) -> Path:
    checks, place = [], roster
    for count, logged in enumerate(request.entries, 1):
        operation = logged.entry.operation
        if isinstance(operation, Open | Patchset):
            place = roster.at(operation.roster)
            write_durably(folder / _signers(place), allowed_signers(place).encode("ascii"))
        name = f"{count:03}-{operation.kind}"
        message, blob = signed_parts(logged.entry)
        write_durably(folder / f"{name}.signed", message)
        write_durably(folder / f"{name}.sig", armor(blob).encode("ascii"))
        # Where the key is on no list, ssh-keygen is asked about nobody, and says no.
        signer = place.owner(logged.entry.key) or "nobody"
        checks.append(f"check {name} {_signers(place)} {signer} {namespace_of(operation)}\n")
    write_durably(folder / "verify.sh", (SCRIPT + "".join(checks) + "exit $status\n").encode("ascii"))
    return folder


def _signers(roster: Roster) -> str:
    return f"allowed_signers-{roster.file.version}"
