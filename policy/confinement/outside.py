"""What the kernel says of a running process, read from outside, so that its walls need not be taken on its word."""

from pathlib import Path

from policy.confinement.report import SeenFromOutside


def look_at(process: int) -> SeenFromOutside:
    """The weakest confinement among the threads of a process; raises OSError where it is gone."""
    folder = Path("/proc", str(process), "task")
    threads = [status for thread in folder.iterdir() if (status := _status(thread / "status"))]
    if not threads:
        raise ProcessLookupError(process)
    return SeenFromOutside(
        seccomp_mode=min(int(each.get("Seccomp", 0)) for each in threads),
        seccomp_filters=min(int(each.get("Seccomp_filters", 0)) for each in threads),
        no_new_privileges=min(int(each.get("NoNewPrivs", 0)) for each in threads),
        threads=len(threads),
    )


def _status(path: Path) -> dict[str, str]:
    """The fields of a thread's status, none where it has just ended."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
