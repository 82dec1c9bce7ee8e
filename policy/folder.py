"""Reads a policy's folder back, and refuses one whose files are not what its statement says."""

from pathlib import Path

from policy.network import Policy
from policy.statement import STATEMENT, TrainingStatement, load_statement
from policy.weights import load_policy
from worldmodel.canonical import digest_bytes
from worldmodel.errors import InputError, Problem, RefusedError
from worldmodel.files import read_document

POLICIES = {"policy": "policy.safetensors", "affine": "affine.safetensors"}


def read_file(path: Path) -> bytes:
    """A file of the folder; raises InputError where it is not there."""
    if not path.is_file():
        raise InputError(
            Problem(
                code="policy-folder",
                where=str(path),
                found="no such file",
                wanted="a folder that `glassworld train` wrote, with its statement and bundle",
                mend="name the folder that was given to --out, and the bundle with --bundle where it was taken out",
            )
        )
    return read_document(path)


def load_folder(folder: Path, bundle: bytes) -> tuple[TrainingStatement, dict[str, Policy]]:
    """The statement and the policies: the network, and the affine rule where that is another one."""
    statement = load_statement(read_file(folder / STATEMENT), where=str(folder / STATEMENT))
    require_bundle(statement, bundle)
    policies = {}
    for name, file in POLICIES.items():
        stated = statement.digest_of(file)
        if stated is not None:
            data = read_file(folder / file)
            _require_digest(folder / file, data, stated)
            policies[name] = load_policy(data, where=str(folder / file))
    return statement, policies


def require_bundle(statement: TrainingStatement, bundle: bytes) -> None:
    """Refuses a bundle that is not the one that the statement names."""
    found = digest_bytes(bundle).removeprefix("sha256:")
    wanted = statement.predicate.parameters.bundle.sha256
    if found != wanted:
        raise RefusedError(
            Problem(
                code="other-bundle",
                where="bundle",
                found=f"a bundle with digest sha256:{found}",
                wanted=f"the one that the statement names, sha256:{wanted}",
                mend="give the bundle that the policy was trained on",
            )
        )


def _require_digest(path: Path, data: bytes, stated: str) -> None:
    found = digest_bytes(data).removeprefix("sha256:")
    if found != stated:
        raise RefusedError(
            Problem(
                code="policy-changed",
                where=str(path),
                found=f"digest sha256:{found}",
                wanted=f"what the statement says, sha256:{stated}",
                mend="do not use this policy; get its folder again, or train again",
            )
        )
