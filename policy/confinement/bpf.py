"""Assembles system call filters into the kernel's small virtual machine (classic BPF).

A filter is a list of rules read from the top, one per system call, and what happens to every other call. A rule may ask
that some arguments have given values; an argument behind a pointer cannot be looked at, which is why `clone3` can only
be refused whole.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policy.confinement.syscalls import Machine

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
_ERRNO = 0x00050000

_LOAD_WORD = 0x20
_AND = 0x54
_JUMP_EQUAL = 0x15
_JUMP_GREATER_EQUAL = 0x35
_RETURN = 0x06

_OFFSET_NUMBER, _OFFSET_ARCH, _OFFSET_ARGUMENTS = 0, 4, 16
_MOST_INSTRUCTIONS = 4096

Instruction = tuple[int, int, int, int]


def refuse(errno: int) -> int:
    """The action that lets a call fail with an error number, so that a library can take its other way."""
    return _ERRNO | errno


@dataclass(frozen=True)
class Comparison:
    """Asks that `argument & mask == value`, of the lower 32 bits or, with `high`, of the upper."""

    argument: int
    value: int
    mask: int = 0xFFFFFFFF
    high: bool = False


@dataclass(frozen=True)
class Rule:
    """What happens to one system call: the action where any of the alternatives holds, or where there are none."""

    name: str
    action: int = ALLOW
    alternatives: tuple[tuple[Comparison, ...], ...] = ()


def assemble(machine: Machine, rules: Sequence[Rule], otherwise: int) -> bytes:
    """The filter's program; calls of a foreign architecture kill the process, whatever the rules say."""
    program = _check_architecture(machine)
    for rule in rules:
        number = machine.number(rule.name)
        if number is not None:
            body = _body(rule, otherwise)
            program += [(_JUMP_EQUAL, 0, len(body), number), *body]
    program.append((_RETURN, 0, 0, otherwise))
    if len(program) > _MOST_INSTRUCTIONS:
        raise ValueError(f"a filter of {len(program)} instructions; the kernel takes {_MOST_INSTRUCTIONS}")
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def _check_architecture(machine: Machine) -> list[Instruction]:
    start: list[Instruction] = [
        (_LOAD_WORD, 0, 0, _OFFSET_ARCH),
        (_JUMP_EQUAL, 1, 0, machine.audit_arch),
        (_RETURN, 0, 0, KILL_PROCESS),
        (_LOAD_WORD, 0, 0, _OFFSET_NUMBER),
    ]
    if machine.foreign_bit is not None:
        start += [(_JUMP_GREATER_EQUAL, 0, 1, machine.foreign_bit), (_RETURN, 0, 0, KILL_PROCESS)]
    return start


def _body(rule: Rule, otherwise: int) -> list[Instruction]:
    """What runs where the number fits; never falls through, since looking at an argument overwrites the number."""
    if not rule.alternatives:
        return [(_RETURN, 0, 0, rule.action)]
    body = [step for alternative in rule.alternatives for step in _alternative(alternative, rule.action)]
    return [*body, (_RETURN, 0, 0, otherwise)]


def _alternative(comparisons: Iterable[Comparison], action: int) -> list[Instruction]:
    """Returns the action where every comparison holds, else goes on behind itself."""
    steps: list[Instruction] = [(_RETURN, 0, 0, action)]
    for comparison in reversed(tuple(comparisons)):
        offset = _OFFSET_ARGUMENTS + 8 * comparison.argument + (4 if comparison.high else 0)
        test: list[Instruction] = [(_LOAD_WORD, 0, 0, offset)]
        if comparison.mask != 0xFFFFFFFF:
            test.append((_AND, 0, 0, comparison.mask))
        steps = [*test, (_JUMP_EQUAL, 0, len(steps), comparison.value), *steps]
    return steps
