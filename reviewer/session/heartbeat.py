"""Whether the application in a browser is alive, and whether it is the one that may act.

A widget stays drawn when its kernel is gone, and a second browser draws what a first one saved. So each kernel has an
epoch that no other has, browsers ask for a sign of life, and one browser at a time may act: the first that speaks, or
the one that asks to take over, or any once the acting one fell silent.
"""

import secrets
from dataclasses import dataclass, replace

INTERVAL = 1.5
"""Seconds between two beats of a browser."""

SILENCE = 6.0
"""Seconds without a beat after which either side takes the other for gone."""


@dataclass(frozen=True)
class Pulse:
    """The epoch of this kernel's session, which browser acts, and when it last spoke (seconds of a steady clock)."""

    epoch: str
    acting: str | None = None
    heard: float = 0.0


def new_pulse() -> Pulse:
    """The pulse of a session that begins."""
    return Pulse(secrets.token_hex(8))


def hear(pulse: Pulse, browser: str, now: float, takes_over: bool = False) -> Pulse:
    """The pulse after a browser spoke."""
    free = pulse.acting is None or now - pulse.heard > SILENCE
    if takes_over or free or pulse.acting == browser:
        return replace(pulse, acting=browser, heard=now)
    return pulse


def may_act(pulse: Pulse, browser: str, epoch: str) -> bool:
    """Whether what this browser asks for may be done: it acts, and it drew this session and no earlier one."""
    return pulse.acting == browser and pulse.epoch == epoch
