"""Verifying 1,000 signatures in this process against one `ssh-keygen -Y verify` process each.

Both check the same OpenSSH signatures over the same messages, each by the key of one of ten people; ours also reads the
whole envelope of an operation in a third run. Counted is CPU time, of this process and of the children. Run as
`python -m benchmarks.signatures`; writes `benchmarks/results/signatures.json`.
"""

import json
import os
import platform
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from worldmodel.canonical import digest
from worldmodel.governance import sshsig
from worldmodel.governance.operations import Comment
from worldmodel.governance.statement import REVIEW_NAMESPACE, read_entry, sign_operation, signed_parts

RESULTS = Path(__file__).parent / "results" / "signatures.json"
COUNT = 1000
PEOPLE = 10


def cpu_seconds() -> float:
    """CPU seconds of this process and of all children that ended."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(run: Callable[[], None]) -> dict[str, float]:
    """CPU seconds and seconds of the clock."""
    begin, started = cpu_seconds(), time.perf_counter()
    run()
    return {"cpu_seconds": cpu_seconds() - begin, "seconds": time.perf_counter() - started}


def main() -> None:
    """Makes the signatures, verifies them in each way, prints and writes what came out."""
    keys = [Ed25519PrivateKey.generate() for _ in range(PEOPLE)]
    about = {"patchset": 1, "proposal": digest("proposal"), "shown": digest("shown"), "parents": [digest("tip")]}
    entries = [
        sign_operation(
            Comment(request=1, time=f"2026-01-01T00:{place // 60:02}:{place % 60:02}Z", **about), keys[place % PEOPLE]
        )
        for place in range(COUNT)
    ]
    parts = [signed_parts(entry) for entry in entries]

    def in_process() -> None:
        for (message, blob), entry in zip(parts, entries, strict=True):
            assert sshsig.verify(blob, message, REVIEW_NAMESPACE) == entry.key

    def whole_entries() -> None:
        for entry in entries:
            assert read_entry(entry.data, "benchmark").key == entry.key

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = [f"p{place} {sshsig.render_public_key(sshsig.public_bytes(key))}\n" for place, key in enumerate(keys)]
        (folder / "allowed").write_text("".join(lines))
        for place, (_, blob) in enumerate(parts):
            (folder / f"{place}.sig").write_text(sshsig.armor(blob))

        def by_processes() -> None:
            for place, (message, _) in enumerate(parts):
                who = ["-f", folder / "allowed", "-I", f"p{place % PEOPLE}", "-n", REVIEW_NAMESPACE]
                command = ["ssh-keygen", "-Y", "verify", *who, "-s", folder / f"{place}.sig"]
                subprocess.run(command, input=message, check=True, capture_output=True)

        in_process()  # what is loaded at the first call is not counted
        found = {"in_process": timed(in_process), "entries": timed(whole_entries), "ssh_keygen": timed(by_processes)}
    answer = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "load": os.getloadavg(),
        "version": subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr.strip(),
        "verifications": COUNT,
        **found,
        "ratio_cpu": found["ssh_keygen"]["cpu_seconds"] / found["in_process"]["cpu_seconds"],
        "ratio_cpu_entries": found["ssh_keygen"]["cpu_seconds"] / found["entries"]["cpu_seconds"],
        "ratio_seconds": found["ssh_keygen"]["seconds"] / found["in_process"]["seconds"],
    }
    text = json.dumps(answer, indent=2)
    RESULTS.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
