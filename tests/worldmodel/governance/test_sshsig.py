"""OpenSSH keys and signatures, held against the real ssh-keygen in both directions."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from worldmodel.errors import InputError
from worldmodel.governance import sshsig

SPACE = "glassworld-review@v1"


@pytest.fixture
def key_file(tmp_path: Path, bench: SimpleNamespace) -> Path:
    path = tmp_path / "key"
    path.write_bytes(bench.key_of("ada").private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    path.chmod(0o600)
    return path


def test_ssh_keygen_verifies_our_signature(tmp_path: Path, bench: SimpleNamespace) -> None:
    key = bench.key_of("ada")
    allowed = tmp_path / "allowed"
    allowed.write_text(f"ada {sshsig.render_public_key(bench.raw(key))}\n")
    (tmp_path / "sig").write_text(sshsig.armor(sshsig.sign(key, b"message", SPACE)))
    command = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "ada", "-n", SPACE, "-s", tmp_path / "sig"]
    assert subprocess.run(command, input=b"message", capture_output=True, check=False).returncode == 0
    assert subprocess.run(command, input=b"massage", capture_output=True, check=False).returncode != 0


def test_we_verify_the_signature_of_ssh_keygen(key_file: Path, tmp_path: Path, bench: SimpleNamespace) -> None:
    (tmp_path / "message").write_bytes(b"message")
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", key_file, "-n", SPACE, tmp_path / "message"]
    subprocess.run(sign, check=True, capture_output=True)
    blob = sshsig.dearmor((tmp_path / "message.sig").read_text())
    assert sshsig.verify(blob, b"message", SPACE) == bench.raw(bench.key_of("ada"))
    assert blob == sshsig.sign(bench.key_of("ada"), b"message", SPACE)
    with pytest.raises(InputError, match="bad-signature"):
        sshsig.verify(blob, b"massage", SPACE)


def test_fingerprint_and_public_key_are_those_of_ssh_keygen(key_file: Path, bench: SimpleNamespace) -> None:
    line = subprocess.run(["ssh-keygen", "-y", "-f", key_file], capture_output=True, text=True, check=True).stdout
    listed = subprocess.run(["ssh-keygen", "-lf", key_file], capture_output=True, text=True, check=True).stdout
    raw = sshsig.parse_public_key(line)
    assert raw == bench.raw(bench.key_of("ada"))
    assert listed.split()[1] == sshsig.fingerprint(raw)
    assert sshsig.render_public_key(raw) == line.strip()


def test_a_signature_is_good_in_its_own_namespace_only(bench: SimpleNamespace) -> None:
    blob = sshsig.sign(bench.key_of("ada"), b"message", "glassworld-propose@v1")
    with pytest.raises(InputError, match="glassworld-propose@v1"):
        sshsig.verify(blob, b"message", SPACE)


def test_every_flipped_cut_or_added_byte_is_refused(bench: SimpleNamespace) -> None:
    blob = sshsig.sign(bench.key_of("ada"), b"message", SPACE)
    for place in range(len(blob)):
        for changed in (
            blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :],
            blob[:place],
            blob[:place] + b"\0" + blob[place:],
        ):
            # A changed key verifies as nobody; every other change breaks the signature or the shape.
            with pytest.raises(InputError):
                sshsig.verify(changed, b"message", SPACE)
    with pytest.raises(InputError):
        sshsig.verify(blob + b"\0", b"message", SPACE)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_with_a_problem_and_never_a_crash(data: bytes) -> None:
    for candidate in (data, sshsig.MAGIC + b"\0\0\0\1" + data):
        with pytest.raises(InputError):
            sshsig.verify(candidate, b"", SPACE)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ssh-ed25519",
        "ssh-rsa AAAAB3NzaC1yc2E=",
        "ssh-ed25519 not-base64",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA==",
        "sk-ssh-ed25519@openssh.com AAAA",
    ],
)
def test_other_keys_are_refused(line: str) -> None:
    with pytest.raises(InputError):
        sshsig.parse_public_key(line)
