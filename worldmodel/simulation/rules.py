"""Who chooses the actions: a policy, which sees observations only, or rules that are mechanisms of the world.

A rule mechanism assigns one action from lags of any variable, so it reads the whole state and not the observation.
Actions for which no rule is named follow the rule that `world.toml` gives them under `rivals`.
"""

from collections.abc import Callable, Sequence

import torch

from worldmodel.errors import InputError, Problem
from worldmodel.kernel.plan import HOLD
from worldmodel.readings.torch_expression import Environment
from worldmodel.simulation.backend import AnySimulator
from worldmodel.simulation.compiled import CompiledMechanism, compile_mechanism
from worldmodel.simulation.draws import Parameters
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.state import Action, Observation, State, Values
from worldmodel.world import World

Policy = Callable[[Observation], Action]
Rule = Policy | str | Sequence[str] | None
Actor = Callable[[State, Parameters, Noise], Action]


def actor(simulator: AnySimulator, rule: Rule, fixed: frozenset[str] = frozenset()) -> Actor:
    """What chooses the actions: a policy of the observation, or the named rules and the defaults of the other actions.

    Actions in `fixed` are set by interventions at every step, and need no rule.
    """
    if callable(rule):
        policy = rule
        return lambda state, _parameters, _noise: policy(simulator.observe(state))
    chosen = choices(simulator.world, rule_names(rule), fixed)
    return lambda state, parameters, noise: mechanism_action(chosen, state, parameters, noise)


def named_rules(world: World, rule: str | Sequence[str] | None, fixed: frozenset[str]) -> tuple[str, ...]:
    """For each action, sorted, the mechanism that chooses it, or HOLD where nothing need."""
    rules = rules_of(world, rule_names(rule), fixed)
    return tuple(rules.get(action, HOLD) for action in world.actions)


def rule_names(rule: str | Sequence[str] | None) -> tuple[str, ...]:
    """The rules that are named: none, one or several."""
    return () if rule is None else (rule,) if isinstance(rule, str) else tuple(rule)


def mechanism_action(
    choices: Sequence[CompiledMechanism | str], state: State, parameters: Parameters, noise: Noise
) -> Action:
    """The actions of the next step by one rule each; for an action given by name alone, its last value."""
    values = [
        state.history[choice][0] if isinstance(choice, str) else _choose(choice, state, parameters, noise)
        for choice in choices
    ]
    if not values:
        return torch.zeros(*state.alive.shape, 0, dtype=torch.float64)
    return torch.stack(values, dim=-1)


def _choose(rule: CompiledMechanism, state: State, parameters: Parameters, noise: Noise) -> Values:
    environment = Environment(
        lambda name: rule.parameter(parameters, name),
        lambda name, lag: state.history[name][lag - 1],
        lambda name: state.start[name],
        lambda: torch.tensor(float(state.time + 1), dtype=torch.float64),
    )
    shape = (state.alive.shape[0], state.alive.shape[1])
    value, valid = rule.draw(environment, noise, state.time + 1, shape)
    return value if valid is None else torch.where(valid, value, torch.full_like(value, torch.nan))


def choices(world: World, named: Sequence[str], fixed: frozenset[str]) -> list[CompiledMechanism | str]:
    """For each action, sorted, its rule; or its own name where nothing need choose it."""
    rules = rules_of(world, named, fixed)
    return [
        compile_mechanism(world.mechanisms[rules[action]]) if action in rules else action for action in world.actions
    ]


def rules_of(world: World, named: Sequence[str], fixed: frozenset[str]) -> dict[str, str]:
    """The rule of each action: one of those named, or the default; actions in `fixed` need none."""
    problems = [_unknown(world, name) for name in named if not _is_rule(world, name)]
    if problems:
        raise InputError(problems)
    own = {one.assigns: one.file.id for one in world.mechanisms.values() if one.owner in named or one.file.id in named}
    found = {action: own.get(action) or _default(world, action) for action in world.actions}
    problems = [_no_default(world, action) for action, rule in found.items() if rule is None and action not in fixed]
    if problems:
        raise InputError(problems)
    return {action: rule for action, rule in found.items() if rule is not None}


def _is_rule(world: World, name: str) -> bool:
    owned = (one for one in world.mechanisms.values() if name in (one.owner, one.file.id))
    return any(one.assigns in world.actions for one in owned)


def _default(world: World, action: str) -> str | None:
    """The rule with the most weight, where there is one with more than any other."""
    ranked = sorted(((weight, name) for name, weight in world.weights_of(action).items()), reverse=True)
    if not ranked or (len(ranked) > 1 and ranked[0][0] == ranked[1][0]):
        return None
    return ranked[0][1]


def _rules(world: World) -> str:
    owners = sorted({one.owner for one in world.mechanisms.values() if one.assigns in world.actions})
    return ", ".join(owners) or "a rule of this world"


def _unknown(world: World, name: str) -> Problem:
    return Problem(
        code="unknown-rule",
        where="rule",
        found=f"“{name}”",
        wanted=f"a mechanism that assigns an action: {_rules(world)}",
        mend="name one of these",
    )


def _no_default(world: World, action: str) -> Problem:
    return Problem(
        code="no-rule",
        where="world.toml",
        part=f"rivals.{action}",
        found=f"nothing says how {action} is chosen",
        wanted=f"a rule ({_rules(world)}), a policy, or an intervention at every step",
        mend=f"name a rule, or give one weight 1 under [rivals.{action}]",
    )
