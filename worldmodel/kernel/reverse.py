"""The reverse kernel: derivatives of what a loss says about a run's values, back to where the run started from.

It goes over the steps from the last one to the first, and reads what the forward kernel left: every value, the noise,
and who was alive. Within a step the chunks run in reverse; each variable's value is read and not computed again.
"""

from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.chunks import frame
from worldmodel.kernel.context import address, number
from worldmodel.kernel.forward import chunk_arguments, history_rows, load_flags, load_rows, parameters_call
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.scratch import Scratch, copy_rows, ring, rotate, wanted


def reverse_function(plan: Plan, width: int) -> str:
    """`@reverse(context, first tile, end tile, scratch)`."""
    code, scratch = Assembly(width), Scratch.of(plan)
    frames, adjoints = ring(code, plan, scratch.frames), ring(code, plan, scratch.adjoints)
    with code.loop("%end", first="%first") as tile:
        lane = code.whole("mul", tile, str(width))
        _begin_tile(code, plan, scratch, frames, adjoints, lane)
        steps = number(code, "steps")
        with code.loop(steps) as done:
            step = code.whole("sub", code.whole("sub", steps, "1"), done)
            _step(code, plan, scratch, frames, adjoints, lane, step)
        _end_tile(code, plan, scratch, adjoints, lane)
    code.do("ret void")
    return code.text("define void @reverse(ptr %context, i64 %first, i64 %end, ptr %scratch) nounwind")


def load_frame_function(plan: Plan, width: int) -> str:
    """`@load_frame(context, lane, time, target)`: all values at a time, which is 0 or less before step 1."""
    code = Assembly(width)
    stride = number(code, "stride")
    with code.when(code.op("icmp sge i64 %time, 1")):
        row = code.whole("mul", code.whole("sub", "%time", "1"), str(len(plan.variables)))
        source = code.at(code.at(address(code, "values"), "%lane"), code.whole("mul", row, stride))
        copy_rows(code, str(len(plan.variables)), (source, stride), ("%target", str(width)))
    with code.when(code.op("icmp slt i64 %time, 1")):
        _load_history(code, plan, stride)
    code.do("ret void")
    return code.text(
        "define internal void @load_frame(ptr %context, i64 %lane, i64 %time, ptr %target) noinline nounwind"
    )


def _load_history(code: Assembly, plan: Plan, stride: str) -> None:
    history = code.at(address(code, "history"), "%lane")
    wanted_lag = code.whole("sub", "1", "%time")
    with code.loop(str(len(plan.history))) as row:
        lag = code.op(f"load i64, ptr {code.at('@lags', row, 'i64')}, align 8")
        with code.when(code.op(f"icmp eq i64 {lag}, {wanted_lag}")):
            variable = code.op(f"load i64, ptr {code.at('@variables', row, 'i64')}, align 8")
            place = code.at(history, code.whole("mul", row, stride))
            value = code.op(f"load {code.reals}, ptr {place}, align 8")
            code.store(value, code.at("%target", code.whole("mul", variable, str(code.width))), 0)


def _load_frame(code: Assembly, lane: str, time: str, target: str) -> None:
    code.do(f"call void @load_frame(ptr %context, i64 {lane}, i64 {time}, ptr {target})")


def _zero(code: Assembly, first: str, count: int) -> None:
    with code.loop(str(count)) as row:
        code.store(code.real(0.0), code.at(first, code.whole("mul", row, str(code.width))), 0)


def _begin_tile(code: Assembly, plan: Plan, scratch: Scratch, frames: str, adjoints: str, lane: str) -> None:
    steps, stride = number(code, "steps"), number(code, "stride")
    for lag in range(plan.depth + 1):
        _load_frame(code, lane, code.whole("sub", steps, str(lag)), frame(code, frames, lag))
    load_rows(code, plan, scratch, stride, lane)
    parameters_call(code, plan, scratch, lane)
    _zero(code, code.row("%scratch", scratch.adjoints), (plan.depth + 1) * len(plan.variables))
    _zero(code, code.row("%scratch", scratch.gradient_starts), len(plan.starts) + len(plan.parameters))
    given = address(code, "given_history")
    with (
        code.when(wanted(code, given)),
        history_rows(code, plan, code.at(given, lane), stride, adjoints) as (outside, inside),
    ):
        code.store(code.op(f"load {code.reals}, ptr {outside}, align 8"), inside, 0)
    given = address(code, "given_starts")
    with code.when(wanted(code, given)):
        target = (code.row("%scratch", scratch.gradient_starts), str(code.width))
        copy_rows(code, str(len(plan.starts)), (code.at(given, lane), stride), target)


def _step(code: Assembly, plan: Plan, scratch: Scratch, frames: str, adjoints: str, lane: str, step: str) -> None:
    stride = number(code, "stride")
    place = code.at(code.at(address(code, "alive_after"), lane, "i8"), code.whole("mul", step, stride), "i8")
    good = load_flags(code, place)
    code.do(f"store {code.words} {good}, ptr {code.row('%scratch', scratch.good)}, align 32")
    _add_given(code, adjoints, lane, step)
    _freeze(code, plan, good, adjoints)
    _chunks(code, plan, scratch, frames, adjoints, lane, step)
    _zero(code, frame(code, adjoints, 0), len(plan.variables))
    for pointers in (frames, adjoints):
        rotate(code, plan, pointers, forward=False)
    _load_frame(code, lane, code.whole("sub", step, str(plan.depth)), frame(code, frames, plan.depth))


def _add_given(code: Assembly, adjoints: str, lane: str, step: str) -> None:
    """Adds what the loss says about the kept rows of this step."""
    given, stride, count = address(code, "given_values"), number(code, "stride"), number(code, "keep_count")
    with code.when(wanted(code, given)):
        first = code.whole("mul", code.whole("mul", step, count), stride)
        source = code.at(code.at(given, lane), first)
        newest, rows = frame(code, adjoints, 0), address(code, "keep_rows")
        with code.loop(count) as index:
            row = code.op(f"load i64, ptr {code.at(rows, index, 'i64')}, align 8")
            target = code.at(newest, code.whole("mul", row, str(code.width)))
            outside = code.at(source, code.whole("mul", index, stride))
            value = code.op(f"load {code.reals}, ptr {outside}, align 8")
            code.store(code.add(code.load(target, 0), value), target, 0)


def _freeze(code: Assembly, plan: Plan, good: str, adjoints: str) -> None:
    """What is said about a frozen value is said about the one before."""
    frozen = code.op(f"icmp eq {code.words} {good}, zeroinitializer")
    with code.when(code.any(frozen)):
        now, before = frame(code, adjoints, 0), frame(code, adjoints, 1)
        with code.loop(str(len(plan.variables))) as row:
            offset = code.whole("mul", row, str(code.width))
            here, there = code.at(now, offset), code.at(before, offset)
            value, zero = code.load(here, 0), code.real(0.0)
            code.store(code.add(code.load(there, 0), code.select(frozen, value, zero)), there, 0)
            code.store(code.select(frozen, zero, value), here, 0)


def _chunks(code: Assembly, plan: Plan, scratch: Scratch, frames: str, adjoints: str, lane: str, step: str) -> None:
    arguments = chunk_arguments(code, plan, scratch, frames, lane, step)
    stride, sites = number(code, "stride"), len(plan.all_sites)
    row = code.whole("mul", step, str(max(1, len(plan.actions))))
    actions = code.at(code.at(address(code, "gradient_actions"), lane), code.whole("mul", row, stride))
    starts, parameters = (
        code.row("%scratch", place) for place in (scratch.gradient_starts, scratch.gradient_parameters)
    )
    more = f", ptr {adjoints}, ptr {starts}, ptr {parameters}, ptr {actions}"
    last = sites
    for chunk in reversed(range(len(plan.chunks))):
        count = len(plan.sites[chunk])
        last -= count
        if count:
            first = code.whole("add", code.whole("mul", step, str(sites)), str(last))
            source = code.at(code.at(address(code, "noise"), lane), code.whole("mul", first, stride))
            target = (code.row("%scratch", scratch.noise), str(code.width))
            copy_rows(code, str(count), (source, stride), target)
        code.do(f"call void @reverse_{chunk}({arguments}{more})")


def _end_tile(code: Assembly, plan: Plan, scratch: Scratch, adjoints: str, lane: str) -> None:
    stride = number(code, "stride")
    history = code.at(address(code, "gradient_history"), lane)
    with history_rows(code, plan, history, stride, adjoints) as (outside, inside):
        code.do(f"store {code.reals} {code.load(inside, 0)}, ptr {outside}, align 8")
    for count, place, target in (
        (len(plan.starts), scratch.gradient_starts, address(code, "gradient_starts")),
        (len(plan.parameters), scratch.gradient_parameters, address(code, "gradient_parameters")),
    ):
        if count:
            copy_rows(code, str(count), (code.row("%scratch", place), str(code.width)), (code.at(target, lane), stride))
