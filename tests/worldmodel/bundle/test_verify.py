"""A bundle verifies offline, and not with a single byte changed, dropped or added."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from worldmodel.bundle.bits import learned_bits
from worldmodel.bundle.verify import verify_bundle
from worldmodel.canonical import canonical_json, digest
from worldmodel.errors import GlassworldError, InputError, RefusedError


def refused(data: bytes, fingerprint: str | None = None) -> bool:
    try:
        verify_bundle(data, fingerprint)
    except GlassworldError:
        return True
    return False


def test_a_good_bundle_is_a_world(bundle: bytes) -> None:
    verified = verify_bundle(bundle)
    assert sorted(verified.world().mechanisms) == ["leak"]
    assert verified.made_up == ("ada (made-up)", "bob (made-up)", "cy (made-up)", "dan (made-up)")
    assert verified.bypasses == ()
    assert verify_bundle(bundle, verified.fingerprint).digest == verified.digest


GOLDEN = Path(__file__).with_name("golden_format_1.json")
GOLDEN_DIGEST = "sha256:936c0846911649886b640256b48eaa3b70e0a05c1bceaec4b9e3e7ad1cb9cda0"


def test_the_format_is_frozen(bundle: bytes) -> None:
    """A bundle that the first release sealed verifies for ever, and the same world still gives the same bytes."""
    assert verify_bundle(GOLDEN.read_bytes()).digest == GOLDEN_DIGEST
    assert bundle == GOLDEN.read_bytes()


def test_another_fingerprint_is_refused(bundle: bytes) -> None:
    with pytest.raises(RefusedError, match="other-fingerprint"):
        verify_bundle(bundle, digest("another roster"))


def tampered(bundle: bytes, place: int) -> list[bytes]:
    before, byte, after = bundle[:place], bundle[place], bundle[place + 1 :]
    return [before + bytes([byte ^ 1]) + after, before + after, before + b"0" + bundle[place:], before]


def test_sampled_bytes_flipped_dropped_added_or_cut_are_refused(bundle: bytes) -> None:
    fingerprint = verify_bundle(bundle).fingerprint
    for place in random.Random(1).sample(range(len(bundle)), 120):
        for data in tampered(bundle, place):
            assert refused(data, fingerprint), place
            assert refused(data), place


@pytest.mark.stress
def test_every_byte_flipped_dropped_added_or_cut_is_refused(bundle: bytes) -> None:
    for place in range(len(bundle)):
        for data in (*tampered(bundle, place), *(_flip(bundle, place, bit) for bit in range(1, 8))):
            assert refused(data), place


def _flip(bundle: bytes, place: int, bit: int) -> bytes:
    return bundle[:place] + bytes([bundle[place] ^ (1 << bit)]) + bundle[place + 1 :]


def test_whitespace_and_order_are_part_of_the_bytes(bundle: bytes) -> None:
    value = json.loads(bundle)
    assert canonical_json(value) == bundle
    for data in (json.dumps(value).encode(), bundle + b"\n", b" " + bundle, b""):
        assert refused(data)


@pytest.mark.parametrize(
    "kind", ["unknown field", "component", "new component", "lost component", "bits", "roster", "idle roster", "order"]
)
def test_a_rewritten_bundle_is_refused(sealer: Any, kind: str) -> None:
    parts = sealer.parts()
    match kind:
        case "component":
            leak = parts["components"]["mechanisms/leak.toml"]
            parts["components"]["mechanisms/leak.toml"] = leak | {"law": "Normal(0.8 * level[t-1], s)"}
        case "new component":
            parts["components"]["mechanisms/more.toml"] = parts["components"]["mechanisms/leak.toml"]
        case "lost component":
            del parts["components"]["variables/level.toml"]
        case "bits":
            parts["bits"] = {"numbers": [], "total": 1.0}
        case "roster":
            parts["governance"]["rosters"].append(parts["governance"]["rosters"][0] | {"version": 2})
        case "idle roster":
            parts["governance"]["rosters"] *= 2
        case "order":
            parts["requests"][0]["log"][1:3] = parts["requests"][0]["log"][2:0:-1]
        case _:
            parts["requests"][0]["note"] = "trust me"
    assert refused(sealer.seal(**parts))
    assert not refused(sealer.seal())


@pytest.mark.parametrize("approvers", [(), ("bob", "cy"), ("bob", "cy", "cy"), ("ada", "bob", "cy")])
def test_a_bypass_is_refused(sealer: Any, approvers: tuple[str, ...]) -> None:
    with pytest.raises(RefusedError, match="gate-bypassed"):
        verify_bundle(sealer.seal(**sealer.parts(approvers)))


def test_a_request_left_out_or_doubled_is_refused(sealer: Any) -> None:
    request = sealer.parts()["requests"][0]
    assert refused(sealer.seal(requests=[]))
    assert refused(sealer.seal(requests=[request, request]))
    assert refused(sealer.seal(requests=[{"number": 2, "log": request["log"]}]))
    assert refused(sealer.seal(requests=[{"number": 1, "log": request["log"][:-1]}]))


def test_components_that_make_no_world_are_refused(sealer: Any) -> None:
    """Enough people may approve nonsense; a bundle of it still does not verify."""
    log = sealer.log({"mechanisms/odd.toml": {"law": "?"}}, ("bob", "cy", "dan"))
    requests = [{"number": 1, "log": [json.loads(entry.data) for entry in log]}]
    assert refused(sealer.seal(requests=requests, components={"mechanisms/odd.toml": {"law": "?"}}))


def test_bits_are_counted_by_hand() -> None:
    number = {"mean": 0.5, "sd": 0.1, "scale": "log", "grid": 0.05}
    one = {"method": "newton", "parameters": {"a": number | {"bits": 1.5}, "b": number | {"bits": 2}}}
    found = learned_bits({"posteriors/x.toml": one, "posteriors/y.toml": one, "mechanisms/x.toml": {}})
    assert found["total"] == 7.0
    first = {"component": "posteriors/x.toml", "parameter": "a", "method": "newton", "bits": 1.5}
    assert found["numbers"][0] == number | first
    assert len(found["numbers"]) == 4


@pytest.mark.parametrize("posterior", [{}, {"parameters": []}, {"method": "x", "parameters": {"s": {"bits": "many"}}}])
def test_a_signed_component_of_any_shape_is_a_clear_error(sealer: Any, posterior: dict[str, Any]) -> None:
    """Whoever makes a roster of their own can sign anything; bits must not be counted in it before it is checked."""
    components = {**json.loads(sealer.seal())["components"], "posteriors/leak.toml": posterior}
    log = [json.loads(entry.data) for entry in sealer.log(components, ("bob", "cy", "dan"))]
    requests, bits = [{"number": 1, "log": log}], {"numbers": [], "total": 0}
    with pytest.raises(InputError, match="missing-field"):
        verify_bundle(sealer.seal(components=components, requests=requests, bits=bits))
