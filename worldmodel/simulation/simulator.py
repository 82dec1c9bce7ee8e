"""A world as a batched, differentiable step: the torch reading that policies learn from.

At step t the action is chosen from values of step t − 1; mechanisms then assign their variables in the order of the
lag-0 graph. A trajectory in which a value leaves its support has failed: from that step on it is not alive and all its
values stay at the last good ones, with no gradient through what went wrong.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cached_property, reduce

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from worldmodel.grounding.ground import ground
from worldmodel.grounding.names import surface
from worldmodel.kernel.naming import lags
from worldmodel.language.ir import Law, Number
from worldmodel.language.walk import literal_value
from worldmodel.readings.torch_expression import Environment, shielded
from worldmodel.simulation.compiled import CompiledMechanism, compile_mechanism
from worldmodel.simulation.draws import Parameters, draw_law
from worldmodel.simulation.intervention import Change, Intervention, changes
from worldmodel.simulation.noise import Noise
from worldmodel.simulation.state import Action, Info, Observation, State, Values
from worldmodel.simulation.support import Within, all_finite
from worldmodel.world import World

Mask = Bool[Tensor, "draws batch"]
_NO_CHANGE = Change()

_NOTHING = Law("Delta", (Number(0.0),))
"""What stands before the only step of a static world; nothing reads it."""


class Simulator:
    """The world's transition as `init` and `step`; holds what is compiled once, and nothing that changes an answer.

    `observations` and `actions` name the last axis of what a policy sees and what it chooses. `lags` says how many past
    values of each variable to carry, where that is more than the world itself looks at. `known` is what
    `worldmodel.simulation.simulate` has prepared.
    """

    def __init__(self, world: World, lags: Mapping[str, int] | None = None) -> None:
        world = ground(world)
        self.world = world
        self.observations = world.observations
        self.actions = world.actions
        self.lags = lags_of(world) if lags is None else lags
        self.supports = {name: Within.of(variable.file.support) for name, variable in world.variables.items()}
        self.known: dict[object, object] = {}
        self._assigned = tuple(name for name in world.order if name not in self.actions)

    @cached_property
    def _mechanisms(self) -> dict[str, tuple[CompiledMechanism, ...]]:
        return {name: _compiled(self.world, name) for name in self._assigned}

    @cached_property
    def certain(self) -> Mapping[str, tuple[float, ...]] | None:
        """Each variable's values before step 1, where they are the same in every trajectory and within the supports."""
        found = {}
        for name, count in self.lags.items():
            initial, values = self.world.variables[name].initial, []
            for lag in range(count):
                match initial[min(lag, len(initial) - 1)] if initial else None:
                    case Law("Delta", (argument,)) if (value := literal_value(argument)) is not None:
                        values.append(value)
                    case _:
                        return None
            if not all(map(self.supports[name].holds, values)):
                return None
            found[name] = tuple(values)
        return found

    def init(self, parameters: Parameters, noise: Noise, draws: int, batch: int) -> State:
        """The state before step 1, with initial values and rivals drawn; `parameters` have `draws` rows."""
        assert all(len(value) == draws for value in parameters.values()), "one row of parameters for each draw"
        alive = torch.ones(draws, batch, dtype=torch.bool)
        if self.certain is not None:
            history = {name: tuple(_full(value, draws, batch) for value in own) for name, own in self.certain.items()}
            start = {name: values[0] for name, values in history.items()}
            return State(0, history, start, alive, self.draw_rivals(noise, draws, batch))
        history = {}
        for name, variable in self.world.variables.items():
            values = []
            for lag in range(self.lags[name]):
                law = variable.initial[min(lag, len(variable.initial) - 1)] if variable.initial else _NOTHING
                value = _first_value(law, noise, f"initial:{name}:{lag}", draws, batch)
                alive = alive & (self.supports[name].contains(value) | (not variable.initial))
                values.append(torch.nan_to_num(value))
            history[name] = tuple(values)
        start = {name: values[0] for name, values in history.items()}
        return State(0, history, start, alive, self.draw_rivals(noise, draws, batch))

    def observe(self, state: State) -> Observation:
        """What a policy sees before it chooses: the observed variables' values of the last step."""
        return torch.stack([state.history[name][0] for name in self.observations], dim=-1)

    def step(
        self,
        state: State,
        action: Action,
        parameters: Parameters,
        noise: Noise,
        interventions: Iterable[Intervention] = (),
    ) -> tuple[State, Info]:
        """One step forward.

        An action outside its variable's support is moved to the nearest value inside, and `Info.clamped` says where;
        one that is not a number fails its trajectory.
        """
        done = changes(interventions, state.time + 1)
        chosen, clamped = self._choose(action)
        mask = state.alive
        values, good = self._assign(state, chosen, parameters, noise, done, mask)
        if any(value.requires_grad for value in values.values()) and not torch.equal(good, mask):
            # Again with the failing trajectories cut off, so that no NaN comes back from what failed.
            values, good = self._assign(state, chosen, parameters, noise, done, good)
        kept = _frozen(values, state.history, good)
        history = {name: (value, *state.history[name])[: self.lags[name]] for name, value in kept.items()}
        after = replace(state, time=state.time + 1, history=history, alive=good)
        return after, Info(kept, state.alive & ~good, clamped & good)

    def _choose(self, action: Action) -> tuple[dict[str, Values], Mask]:
        """Actions by name, moved into their supports, and where they were moved."""
        asked = dict(zip(self.actions, action.unbind(-1), strict=True))
        chosen = {name: self.supports[name].nearest(value) for name, value in asked.items()}
        clamped = [chosen[name] != value for name, value in asked.items()]
        return chosen, reduce(torch.logical_or, clamped) if clamped else torch.zeros(
            action.shape[:-1], dtype=torch.bool
        )

    def _assign(
        self,
        state: State,
        chosen: Mapping[str, Values],
        parameters: Parameters,
        noise: Noise,
        done: Mapping[str, Change],
        mask: Mask,
    ) -> tuple[dict[str, Values], Mask]:
        """Every variable's value of this step, and where they are all good; gradients flow where `mask` holds."""
        shield = _shield(mask)
        shape = (mask.shape[0], mask.shape[1])
        current: dict[str, Values] = {}
        good = state.alive
        free = []
        for name in (*self.actions, *self._assigned):
            change = done.get(name, _NO_CHANGE)
            if change.factor == 0:
                current[name] = torch.full(shape, change.shift, dtype=torch.float64)
                continue
            valid: Tensor | None = None
            if name in chosen:
                current[name] = shield(chosen[name])
            else:
                reader = _reader(current, state, shield)
                current[name], valid = self._draw(name, reader, state, parameters, noise, shield)
            if change is not _NO_CHANGE:
                current[name] = self._changed(name, current[name], change)
            if self.supports[name].unbounded:
                free.append(current[name])
            else:
                good = good & self.supports[name].contains(current[name])
            good = good if valid is None else good & valid
        return current, good & all_finite(free) if free else good

    def _changed(self, name: str, value: Values, change: Change) -> Values:
        """A value after an intervention that keeps part of it; an action stays within its support."""
        value = change.factor * value + change.shift
        return self.supports[name].nearest(value) if name in self.actions else value

    def _draw(
        self,
        name: str,
        reader: "Reader",
        state: State,
        parameters: Parameters,
        noise: Noise,
        shield: Callable[[Tensor], Tensor],
    ) -> tuple[Values, Tensor | None]:
        """A variable's value by its mechanism, or by the rival that holds in each trajectory."""
        rivals = self._mechanisms[name]
        shape = (state.alive.shape[0], state.alive.shape[1])
        value, valid = None, None
        for place, mechanism in enumerate(rivals):
            environment = reader(_parameter(mechanism, parameters, shield))
            if len(rivals) == 1:
                return mechanism.draw(environment, noise, state.time + 1, shape)
            here = state.rivals[name] == place
            own, domain = mechanism.draw(shielded(environment, here), noise, state.time + 1, shape)
            fine = here if domain is None else here & domain
            value = own if value is None else torch.where(here, own, value)
            valid = fine if valid is None else valid | fine
        assert value is not None, f"the checker lets no variable without a mechanism through: {name}"
        return value, valid

    @cached_property
    def _contested(self) -> dict[str, Float[Tensor, " rival"]]:
        """For each variable with rivals, up to where the uniform number chooses each of them but the last."""
        weights = {name: list(self.world.weights_of(name).values())[:-1] for name in self._assigned}
        return {
            name: torch.cumsum(torch.tensor(own, dtype=torch.float64), dim=0) for name, own in weights.items() if own
        }

    def draw_rivals(self, noise: Noise, draws: int, batch: int) -> dict[str, Int[Tensor, "draws batch"]]:
        """Which of a variable's rival mechanisms holds in each trajectory."""
        rivals = {}
        for name, weights in self._contested.items():
            # One choice for all the elements of a family: a rival is a view of the whole mechanism.
            u = noise.uniform(f"rival:{surface(name)}", 0, draws, batch)
            rivals[name] = (u.unsqueeze(-1) > weights).sum(dim=-1)
        return rivals


def _full(value: float, draws: int, batch: int) -> Values:
    return torch.full((draws, batch), value, dtype=torch.float64)


Reader = Callable[[Callable[[str], Tensor]], Environment]


def _first_value(law: Law, noise: Noise, site: str, draws: int, batch: int) -> Values:
    """A draw of a law of initial values; what is certain needs no noise."""
    certain = law.family == "Delta"
    u = torch.full((1, 1), 0.5, dtype=torch.float64) if certain else noise.uniform(site, 0, draws, batch)
    return draw_law(law, u).expand(draws, batch)


def _reader(current: Mapping[str, Values], state: State, shield: Callable[[Tensor], Tensor]) -> Reader:
    """An environment over this step's and past values, once a mechanism says what its parameters are."""

    history = state.history

    def variable(name: str, lag: int) -> Tensor:
        return shield(history[name][lag - 1]) if lag else current[name]

    def open_variable(name: str, lag: int) -> Tensor:
        return history[name][lag - 1] if lag else current[name]

    def time() -> Tensor:
        return torch.tensor(float(state.time + 1), dtype=torch.float64)

    def start(name: str) -> Tensor:
        return shield(state.start[name])

    read = open_variable if shield is _unshielded else variable
    return lambda parameter: Environment(parameter, read, start, time)


def _parameter(
    mechanism: CompiledMechanism, parameters: Parameters, shield: Callable[[Tensor], Tensor]
) -> Callable[[str], Tensor]:
    if shield is _unshielded:
        return lambda name: mechanism.parameter(parameters, name)
    return lambda name: shield(mechanism.parameter(parameters, name))


def _unshielded(value: Tensor) -> Tensor:
    return value


def _shield(mask: Mask) -> Callable[[Tensor], Tensor]:
    """Stops gradients where the mask does not hold; the identity where no gradient flows or all holds."""
    if not torch.is_grad_enabled() or bool(mask.all()):
        return _unshielded
    return lambda value: torch.where(mask, value, value.detach()) if value.requires_grad else value


def _frozen(values: Mapping[str, Values], history: Mapping[str, tuple[Values, ...]], good: Mask) -> dict[str, Values]:
    if bool(good.all()):
        return dict(values)
    return {name: torch.where(good, value, history[name][0]) for name, value in values.items()}


def _compiled(world: World, variable: str) -> tuple[CompiledMechanism, ...]:
    return tuple(compile_mechanism(world.mechanisms[name]) for name in world.weights_of(variable))


def lags_of(world: World) -> dict[str, int]:
    """How many past values of each variable anything in the world looks at; at least the last one."""
    return dict(lags(world))
