"""`glassworld sign`: shows what will be signed, rendered from git, asks, and signs it with your key.

Approving in a notebook or with `glassworld mr approve` writes a draft and no more; this is the separate process that
signs.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewer.commands.signers import key_options, load_signer
from worldmodel.commands.output import emit, json_option, printable, reports, world_option

if TYPE_CHECKING:
    from reviewer.drafts import Kept
    from reviewer.repository import Repository
    from worldmodel.governance.sshsig import Signer


@click.command("sign")
@key_options("--key")
@click.option("--request", "number", type=click.IntRange(min=1), help="Only drafts about this request.")
@click.option("--yes", is_flag=True, help="Sign without asking; the sheet is still printed.")
@click.option("--discard", is_flag=True, help="Drop the drafts instead of signing them.")
@world_option
@json_option
@reports
def sign_command(
    key: Path, agent: str | None, number: int | None, yes: bool, discard: bool, world: Path, as_json: bool
) -> None:
    """Show each draft as it will be signed, ask, and sign it."""
    from reviewer.drafts import drop_draft, load_drafts
    from reviewer.repository import open_repository

    repository = open_repository(world)
    drafts = [kept for kept in load_drafts(repository) if number in (None, kept.draft.request)]
    if discard:
        for kept in drafts:
            drop_draft(kept)
        emit(as_json, {"ok": True, "discarded": len(drafts)}, f"Dropped {len(drafts)} drafts.")
        return
    signed = _sign_all(repository, drafts, load_signer(key, agent), yes, as_json) if drafts else []
    text = "\n".join(f"Signed: {done['kind']} merge request {done['request']}." for done in signed)
    emit(as_json, {"ok": True, "signed": signed}, text or "Nothing was signed.")


def _sign_all(
    repository: "Repository", drafts: "list[Kept]", signer: "Signer", yes: bool, as_json: bool
) -> list[dict[str, object]]:
    from reviewer.signing import sheet, sign_draft
    from worldmodel.governance.sshsig import public_bytes

    signed: list[dict[str, object]] = []
    for kept in drafts:
        page = sheet(repository, kept.draft, public_bytes(signer))
        click.echo(printable(page.text), err=as_json)
        if not (yes or _confirmed()):
            continue
        if sign_draft(repository, kept, page, signer):
            signed.append({"request": kept.draft.request, "kind": kept.draft.kind, "shown": page.shown})
    return signed


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("no terminal to ask on; read the sheet above and pass --yes to sign it")
    return click.confirm("Sign this?", default=False)
