"""The assembled filters, run by a small interpreter of the kernel's machine, do what the rules say."""

import errno
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.confinement import allowed
from policy.confinement.bpf import ALLOW, KILL_PROCESS, Comparison, Rule, assemble, refuse
from policy.confinement.syscalls import Machine, this_machine
from worldmodel.errors import EnvironmentProblem

MACHINES = [this_machine("x86_64"), this_machine("aarch64")]
PROCESS = 4321
EPERM = refuse(errno.EPERM)
FILTERS = {"importing": allowed.while_importing(PROCESS), "computing": allowed.while_computing(PROCESS)}


def decide(program: bytes, arch: int, number: int, arguments: tuple[int, ...] = (0,) * 6) -> int:
    """What a filter answers to one call: loads, masks, compares, returns, as the kernel does."""
    data = struct.pack("<IIQ6Q", number, arch, 0, *arguments)
    steps = list(struct.iter_unpack("=HBBI", program))
    accumulator, at = 0, 0
    while True:
        code, when_true, when_false, constant = steps[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, constant)[0]
        elif code == 0x54:
            accumulator &= constant
        elif code == 0x15:
            at += when_true if accumulator == constant else when_false
        elif code == 0x35:
            at += when_true if accumulator >= constant else when_false
        else:
            assert code == 0x06
            return constant


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("rules", FILTERS.values(), ids=FILTERS)
def test_each_named_call_meets_its_fate_and_every_other_is_refused(machine: Machine, rules: tuple[Rule, ...]) -> None:
    program = assemble(machine, rules, EPERM)
    fates = {machine.number(rule.name): rule.action for rule in rules if not rule.alternatives}
    conditional = {machine.number(rule.name) for rule in rules if rule.alternatives}
    for number in set(range(500)) - conditional:
        assert decide(program, machine.audit_arch, number) == fates.get(number, EPERM)


@pytest.mark.parametrize("rules", FILTERS.values(), ids=FILTERS)
def test_calls_in_another_tongue_kill(rules: tuple[Rule, ...]) -> None:
    wide, arm = MACHINES
    number = wide.number("read")
    assert number is not None
    program = assemble(wide, rules, EPERM)
    assert decide(program, wide.audit_arch, number) == ALLOW
    assert decide(program, 0x40000003, number) == KILL_PROCESS
    assert decide(program, arm.audit_arch, number) == KILL_PROCESS
    assert decide(program, wide.audit_arch, 0x40000000 + number) == KILL_PROCESS


@given(
    values=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.sampled_from([1, 3, 2**32 - 1]), st.booleans())),
    arguments=st.tuples(*[st.integers(0, 3) | st.integers(0, 2**64 - 1)] * 6),
    split=st.integers(0, 10),
)
def test_conditions_mean_what_they_say(
    values: list[tuple[int, int, int, bool]], arguments: tuple[int, ...], split: int
) -> None:
    machine = MACHINES[0]
    comparisons = tuple(Comparison(*value) for value in values)
    alternatives = tuple(part for part in (comparisons[:split], comparisons[split:]) if part)
    rules = (Rule("read", ALLOW, alternatives), Rule("write", KILL_PROCESS))
    program = assemble(machine, rules, EPERM)

    def holds(comparison: Comparison) -> bool:
        word = arguments[comparison.argument] >> (32 if comparison.high else 0)
        return word & 0xFFFFFFFF & comparison.mask == comparison.value

    wanted = not alternatives or any(all(map(holds, alternative)) for alternative in alternatives)
    assert decide(program, machine.audit_arch, 0, arguments) == (ALLOW if wanted else EPERM)
    assert decide(program, machine.audit_arch, 1, arguments) == KILL_PROCESS


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
def test_only_threads_of_our_own_process_can_be_made_and_signalled(machine: Machine) -> None:
    program = assemble(machine, FILTERS["computing"], EPERM)

    def fate(name: str, *arguments: int) -> int:
        number = machine.number(name)
        assert number is not None
        return decide(program, machine.audit_arch, number, (*arguments, *[0] * (6 - len(arguments))))

    assert fate("clone", 0x3D0F00) == ALLOW
    assert fate("clone", 17) == EPERM  # a fork
    assert fate("clone", 0x3D0F00 | 0x10000000) == EPERM  # with a user namespace
    assert fate("clone3") == refuse(errno.ENOSYS)
    assert fate("tgkill", PROCESS) == ALLOW
    assert fate("tgkill", PROCESS + 1) == EPERM
    assert fate("prlimit64", 0, 7, 0) == ALLOW
    assert fate("prlimit64", 0, 7, 1 << 32) == EPERM  # sets limits, by a pointer whose lower half is zero
    assert fate("prlimit64", PROCESS + 1, 7, 0) == EPERM


def test_an_unknown_processor_is_refused_with_what_to_do() -> None:
    with pytest.raises(EnvironmentProblem) as caught:
        this_machine("pdp11")
    assert caught.value.problems[0].code == "seccomp-missing"


def test_a_filter_longer_than_the_kernel_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="instructions"):
        assemble(MACHINES[0], [Rule("read")] * 3000, EPERM)
