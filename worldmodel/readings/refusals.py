"""Why a law has no law at some inverse temperature, or none that can be said or worked out."""

from worldmodel.errors import InputError, Problem
from worldmodel.language.ir import Expression, Law
from worldmodel.language.render import render


def does_not_normalise(law: Law, beta: float | Expression, reason: str) -> InputError:
    """The power of the density has no finite integral or sum."""
    return InputError(
        Problem(
            code="does-not-normalise",
            where=render(law),
            found=f"β = {_said(beta)}: {reason}",
            wanted="a power of the density with a finite integral",
            mend="choose a β for which it has one, or bound the law with Truncated",
        )
    )


def no_closed_form(law: Law, beta: float | Expression, reason: str) -> InputError:
    """No family of the language is the law at β, or nothing sure can be worked out."""
    return InputError(
        Problem(
            code="no-closed-form",
            where=render(law),
            found=f"β = {_said(beta)}: {reason}",
            wanted="a law of the language, or a sum or an integral with a sure error",
            mend="give numbers for what the law reads, bound it, or choose another β",
        )
    )


def _said(beta: float | Expression) -> str:
    return f"{beta:g}" if isinstance(beta, float | int) else render(beta)
