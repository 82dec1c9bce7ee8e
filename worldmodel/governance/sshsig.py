"""OpenSSH public keys and signatures (SSHSIG, Ed25519), read and checked in process.

People already have such keys, and `ssh-keygen -Y verify` checks our signatures as we check its. Only Ed25519 is
accepted. Shape is checked before content: a blob with a byte too many, an unknown version, hash or key type is refused
before any cryptography. Format: PROTOCOL.sshsig of OpenSSH.
"""

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from worldmodel.errors import InputError, Problem
from worldmodel.governance.shape import decode_base64

MAGIC = b"SSHSIG"
KEY_TYPE = b"ssh-ed25519"
HASHES = (b"sha512", b"sha256")
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
FIELD = 2**255 - 19
# The y of the points whose order divides 8: whoever names one as a key can sign anything without any secret.
SMALL_ORDER = frozenset(
    {
        0,
        1,
        FIELD - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)


class Signer(Protocol):
    """What can sign with an Ed25519 key: a private key in this process, or one that an agent keeps."""

    def sign(self, data: bytes, /) -> bytes:
        """The 64 bytes of the signature of these bytes."""

    def public_key(self) -> Ed25519PublicKey:
        """The public half."""


@dataclass(frozen=True)
class Signature:
    """A parsed signature: who claims to have signed (raw key), in which namespace, and the 64 bytes."""

    key: bytes
    namespace: str
    hash_name: str
    signature: bytes


def parse_public_key(line: str) -> bytes:
    """The 32 raw bytes of a line `ssh-ed25519 AAAA… comment`; raises InputError for any other kind of key."""
    words = line.split()
    if len(words) < 2 or words[0] != KEY_TYPE.decode():
        raise _bad_key(line, "not a line of the form `ssh-ed25519 AAAA… comment`")
    return parse_wire_key(decode_base64(words[1], "public key"), line)


def render_public_key(key: bytes, comment: str = "") -> str:
    """The line that OpenSSH writes for a raw key."""
    return f"{KEY_TYPE.decode()} {base64.b64encode(wire_key(key)).decode()} {comment}".rstrip()


def fingerprint(key: bytes) -> str:
    """The name by which OpenSSH shows a key: `SHA256:` and 43 characters."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(wire_key(key)).digest()).decode().rstrip("=")


def public_bytes(signer: Signer) -> bytes:
    """The 32 raw bytes of the public half."""
    return signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def sign(signer: Signer, message: bytes, namespace: str) -> bytes:
    """The signature blob of a message, as `ssh-keygen -Y sign` makes it before armour."""
    key = public_bytes(signer)
    raw = signer.sign(_signed_data(message, namespace.encode(), HASHES[0]))
    fields = (wire_key(key), namespace.encode(), b"", HASHES[0], join_strings(KEY_TYPE, raw))
    return MAGIC + (1).to_bytes(4, "big") + join_strings(*fields)


def parse_signature(blob: bytes) -> Signature:
    """Reads a signature blob; raises InputError if anything about its shape is not exactly as it must be."""
    if blob[:10] != MAGIC + (1).to_bytes(4, "big"):
        raise _bad_signature("not a version 1 SSHSIG blob")
    wire, namespace, reserved, hash_name, inner = split_strings(blob[10:], 5)
    algorithm, raw = split_strings(inner, 2)
    if reserved or hash_name not in HASHES or algorithm != KEY_TYPE or len(raw) != 64 or not namespace.isascii():
        raise _bad_signature("an unknown hash, key type or reserved field")
    return Signature(parse_wire_key(wire, "signature"), namespace.decode("ascii"), hash_name.decode("ascii"), raw)


def verify(blob: bytes, message: bytes, namespace: str) -> bytes:
    """The raw key that signed this message in this namespace; raises InputError if none did."""
    signature = parse_signature(blob)
    if signature.namespace != namespace:
        raise _bad_signature(f"a signature for {signature.namespace!r}, where {namespace!r} is wanted")
    data = _signed_data(message, namespace.encode(), signature.hash_name.encode())
    try:
        Ed25519PublicKey.from_public_bytes(signature.key).verify(signature.signature, data)
    except (InvalidSignature, ValueError) as error:
        raise _bad_signature("a signature that does not match the signed bytes") from error
    return signature.key


def armor(blob: bytes) -> str:
    """The text form that ssh-keygen reads and writes."""
    return "\n".join([BEGIN, *textwrap.wrap(base64.b64encode(blob).decode(), 70), END, ""])


def dearmor(text: str) -> bytes:
    """The blob inside the text form."""
    lines = text.strip().splitlines()
    if len(lines) < 3 or lines[0] != BEGIN or lines[-1] != END:
        raise _bad_signature("no SSH SIGNATURE armour")
    return decode_base64("".join(lines[1:-1]), "signature")


def _signed_data(message: bytes, namespace: bytes, hash_name: bytes) -> bytes:
    return MAGIC + join_strings(namespace, b"", hash_name, hashlib.new(hash_name.decode(), message).digest())


def wire_key(key: bytes) -> bytes:
    """A raw key as it travels in SSH's protocols."""
    return join_strings(KEY_TYPE, key)


def parse_wire_key(wire: bytes, where: str) -> bytes:
    """The 32 raw bytes of a key as it travels in SSH's protocols; raises InputError for any other kind of key."""
    if len(wire) != 51 or wire[:19] != wire_key(b"")[:15] + (32).to_bytes(4, "big"):
        raise _bad_key(where, "not an Ed25519 key")
    # One spelling for each point, and none of the eight that a forger can use.
    height = int.from_bytes(wire[19:], "little") & (2**255 - 1)
    if height >= FIELD or height in SMALL_ORDER:
        raise _bad_key(where, "a point of the curve that nobody makes by accident: signatures by it can be forged")
    return wire[19:]


def join_strings(*values: bytes) -> bytes:
    """Length-prefixed strings, as SSH writes them."""
    return b"".join(len(value).to_bytes(4, "big") + value for value in values)


def split_strings(data: bytes, count: int) -> list[bytes]:
    """Reads exactly `count` length-prefixed strings and nothing after them."""
    found = []
    for _ in range(count):
        end = 4 + int.from_bytes(data[:4], "big")
        if len(data) < max(4, end):
            raise _bad_signature("fewer bytes than it announces")
        found.append(data[4:end])
        data = data[end:]
    if data:
        raise _bad_signature("bytes after its end")
    return found


def _bad_key(where: str, found: str) -> InputError:
    return InputError(
        Problem(
            code="malformed-key",
            where=where[:120],
            found=found,
            wanted="an Ed25519 public key in OpenSSH's format",
            mend="make one with `ssh-keygen -t ed25519` and use the contents of its .pub file",
        )
    )


def _bad_signature(found: str) -> InputError:
    return InputError(
        Problem(
            code="bad-signature",
            where="signature",
            found=found,
            wanted="an OpenSSH Ed25519 signature over exactly these bytes, in the namespace of its purpose",
            mend="sign again with `glassworld sign`; if you did not expect this, someone changed the record",
        )
    )
