"""`glassworld energy`: the energy view of a law, and the law at an inverse temperature."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from worldmodel.commands.output import emit, json_option, reports, world_option

if TYPE_CHECKING:
    from worldmodel.readings.energy_facts import EnergyFacts


@click.command()
@click.argument("identifier", metavar="ID")
@world_option
@click.option("--beta", type=float, default=1.0, show_default=True, help="The inverse temperature, of either sign.")
@click.option(
    "--given", multiple=True, metavar="NAME=VALUE", help="What the law reads, as level[t-1]=3 or sky[t-1]=wet."
)
@click.option("--at", type=float, multiple=True, metavar="VALUE", help="A value whose energy is wanted.")
@json_option
@reports
def energy_command(
    identifier: str, world: Path, beta: float, given: tuple[str, ...], at: tuple[float, ...], as_json: bool
) -> None:
    """Show the energy of a mechanism's law, or with MECHANISM.PARAMETER of a prior, and what it is at β.

    Energy is −log density. At β the density goes to that power: above 1 a law is sharper, between 0 and 1 flatter,
    below 0 it prefers what was unlikely. Where that has no finite integral the answer says why.

    \b
    glassworld energy level --given 'level[t-1]=3' --given 'inflow[t]=1' --beta 2 --at 3.5
    """
    from worldmodel.build import load_world
    from worldmodel.readings.energy_facts import energy_facts

    facts = energy_facts(load_world(world), identifier, _given(given), beta, at)
    emit(as_json, _json(identifier, facts), _text(facts))


def _given(texts: tuple[str, ...]) -> dict[str, str]:
    """What stands before and after the last `=` of each text; `energy_facts` says what is wrong with it."""
    parts = (text.rpartition("=") for text in texts)
    return {name.strip(): value.strip() for name, _, value in parts}


def _json(identifier: str, facts: "EnergyFacts") -> dict[str, Any]:
    from worldmodel.language.render import render

    answer = facts.answer
    return {
        "ok": True,
        "id": identifier,
        "law": render(facts.law),
        "given": dict(facts.read_with),
        "at_prior_median": list(facts.assumed),
        "numbers": render(facts.numbers),
        "base_measure": facts.base,
        "energies": [{"value": value, "energy": _or_none(energy)} for value, energy in facts.at.items()],
        "beta": answer.beta,
        "tempered": render(answer.law) if answer.law else None,
        "formula": render(facts.formula) if facts.formula else None,
        "log_partition": answer.log_partition,
        "mean_energy": answer.mean_energy,
        "entropy": answer.entropy,
        "heat_capacity": answer.heat_capacity,
        "relative_error_of_partition": answer.error,
    }


def _or_none(energy: float) -> float | None:
    """JSON has no infinity."""
    import math

    return energy if math.isfinite(energy) else None


def _text(facts: "EnergyFacts") -> str:
    from worldmodel.language.render import render

    answer = facts.answer
    lines = [f"law           {render(facts.law)}"]
    for name, value in facts.read_with.items():
        tail = "  (the median of its prior)" if name in facts.assumed else ""
        lines.append(f"  {name} = {value:g}{tail}")
    lines.append(f"in numbers    {render(facts.numbers)}")
    lines.append(f"base measure  {facts.base}")
    lines += [f"energy at {value:g} is {energy:.6g} nats" for value, energy in facts.at.items()]
    lines.append(f"at β = {answer.beta:g}")
    if facts.formula is not None:
        lines.append(f"  law            {render(facts.formula)}")
    if answer.law is not None:
        lines.append(f"  in numbers     {render(answer.law)}")
    else:
        lines.append("  law            none of the language; worked out over its values")
    lines.append(f"  log Z          {answer.log_partition:.6g}")
    lines.append(f"  mean energy    {answer.mean_energy:.6g} nats")
    lines.append(f"  entropy        {answer.entropy:.6g} nats")
    lines.append(f"  heat capacity  {answer.heat_capacity:.6g}")
    return "\n".join(lines)
