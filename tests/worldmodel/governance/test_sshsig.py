"""OpenSSH keys and signatures, held against the real ssh-keygen in both directions."""

import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
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


P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


def add(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """Addition on the twisted Edwards curve -x² + y² = 1 + d x² y² (RFC 8032)."""
    (a, b), (x, y) = one, other
    both = D * a * x * b * y
    return (a * y + b * x) * pow(1 + both, -1, P) % P, (b * y + a * x) * pow(1 - both, -1, P) % P


def times(count: int, point: tuple[int, int]) -> tuple[int, int]:
    total = (0, 1)
    while count:
        total = add(total, point) if count & 1 else total
        point, count = add(point, point), count >> 1
    return total


def point_at(y: int) -> tuple[int, int] | None:
    """The point with this y and an even x, if there is one."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (x if x % 2 == 0 else P - x, y) if x * x % P == square else None


def test_the_refused_points_are_all_whose_order_divides_eight() -> None:
    order = 2**252 + 27742317777372353535851937790883648493
    found = set()
    for y in range(2, 60):  # times the order of the prime subgroup, any point falls into the small one
        if (point := point_at(y)) is not None:
            found.add(times(order, point)[1])
    assert found | {1} == set(sshsig.SMALL_ORDER)


@pytest.mark.parametrize("height", [*sorted(sshsig.SMALL_ORDER), sshsig.FIELD, sshsig.FIELD + 1, sshsig.FIELD + 5])
@pytest.mark.parametrize("sign", [0, 1])
def test_a_key_that_anyone_could_sign_for_is_refused(height: int, sign: int) -> None:
    key = (height | sign << 255).to_bytes(32, "little")
    with pytest.raises(InputError, match="malformed-key"):
        sshsig.parse_public_key(sshsig.render_public_key(key))


def test_the_identity_point_would_sign_everything(bench: SimpleNamespace) -> None:
    """Why those points are refused: the library itself takes this signature, for every message."""
    point = (1).to_bytes(32, "little")
    Ed25519PublicKey.from_public_bytes(point).verify(point + bytes(32), b"any message at all")
    blob = sshsig.sign(bench.key_of("ada"), b"message", SPACE)
    own = bench.raw(bench.key_of("ada"))
    with pytest.raises(InputError, match="malformed-key"):
        sshsig.verify(blob[:-64].replace(own, point) + point + bytes(32), b"message", SPACE)


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
