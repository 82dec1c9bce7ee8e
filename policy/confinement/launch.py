"""How the confined process is started: command line, an environment made from nothing, no descriptor but three pipes.

The environment decides some of the bits of the result (number of threads, kernels by processor, order of sets), so that
it is the same at every level and is written into the report.
"""

import os
import platform
import subprocess
import sys
from pathlib import Path

# The interpreter finds our own code by `root`, says nothing to a user's site, writes no caches and reads none but its
# private, empty one.
_FLAGS = ("-P", "-s", "-S", "-B", "-X", "utf8")
_START = """
import sys
sys.path.insert(0, sys.argv[1])
from policy.confinement.child import main
main(sys.argv[1], int(sys.argv[2]))
"""

# The two of malloc keep freed memory in the process: given back and asked for again at each step, it made training take
# up to 1.4 times as long, depending on where in memory the libraries happened to lie.
_FIXED = {
    "CUDA_VISIBLE_DEVICES": "",
    "LC_ALL": "C.UTF-8",
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "1073741824",
    "MKL_NUM_THREADS": "1",
    "OMP_DYNAMIC": "FALSE",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "TORCH_DEVICE_BACKEND_AUTOLOAD": "0",
    "TZ": "UTC",
}


def package_root() -> Path:
    """The folder that holds the packages `policy` and `worldmodel`."""
    return Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """The variables that may change the bits of a result; the same for every run on a machine."""
    vectors = "avx2" if _has_avx2() else "default"
    return (
        _FIXED
        | {"ATEN_CPU_CAPABILITY": vectors}
        | ({"MKL_CBWR": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2"} if vectors == "avx2" else {})
    )


def _has_avx2() -> bool:
    if platform.machine() != "x86_64":
        return False
    words = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").split()
    return "avx2" in words and "fma" in words


def start(scratch: Path, request: int, frames: int, errors: int) -> "subprocess.Popen[bytes]":
    """Starts the child in a session of its own; `request`, `frames` and `errors` are its ends of three pipes."""
    private = {"HOME": str(scratch), "TMPDIR": str(scratch)}
    command = [
        sys.executable,
        *_FLAGS,
        "-X",
        f"pycache_prefix={scratch}",
        "-c",
        _START,
        str(package_root()),
        str(frames),
    ]
    return subprocess.Popen(
        command,
        stdin=request,
        stdout=errors,
        stderr=errors,
        pass_fds=(frames,),
        cwd=scratch,
        env=environment() | private,
        start_new_session=True,
        umask=0o077,
    )


def kernel_release() -> str:
    """The kernel's name and release."""
    return f"{os.uname().sysname} {os.uname().release}"
