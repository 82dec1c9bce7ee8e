"""`glassworld release`: seals the approved world into one canonical JSON file that verifies offline.

No data and no prose go in. It states how many bits the learned means say beyond their priors.
"""

from pathlib import Path

import click

from worldmodel.bundle.bits import in_words
from worldmodel.commands.output import emit, json_option, reports, world_option


@click.command("release")
@click.option(
    "--out", "out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The bundle to write."
)
@world_option
@json_option
@reports
def release_command(out: Path, world: Path, as_json: bool) -> None:
    """Seal the approved world into a bundle."""
    from reviewer.durable import write_durably
    from reviewer.history import load_history
    from reviewer.release import seal
    from reviewer.repository import open_repository

    data, bundle = seal(load_history(open_repository(world)))
    write_durably(out, data)
    total = bundle.bits["total"]
    lines = [
        f"Sealed {len(bundle.components)} components and {len(bundle.standing.merged)} merged requests into {out}.",
        f"digest {bundle.digest}",
        f"fingerprint of the first roster and rules: {bundle.fingerprint}",
        in_words(total),
    ]
    if bundle.made_up:
        lines.append(f"Approved by made-up people, for demonstration only: {', '.join(bundle.made_up)}.")
    value = {"ok": True, "bundle": str(out), "digest": bundle.digest, "fingerprint": bundle.fingerprint, "bits": total}
    emit(as_json, {**value, "made_up": list(bundle.made_up), "components": sorted(bundle.components)}, "\n".join(lines))
