"""The forward kernel: every tile of trajectories through the whole horizon, with what is asked for kept."""

from collections.abc import Iterator
from contextlib import contextmanager

from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.chunks import frame
from worldmodel.kernel.context import address, number
from worldmodel.kernel.noise import BLOCK
from worldmodel.kernel.plan import Plan
from worldmodel.kernel.scratch import Scratch, copy_rows, ring, rotate, wanted


def parameters_function(width: int) -> str:
    """`@load_parameters(from, draws, count, first, batch, to)`: each parameter's draw for a tile's lanes.

    `first` is the number of the tile's first trajectory, which may lie before the run: such lanes take draw 0, as lanes
    after its end take the last draw.
    """
    code = Assembly(width)
    end = code.whole("add", "%first", str(width))
    inside = [
        code.op("icmp eq i64 %batch, 1"),
        code.op("icmp sge i64 %first, 0"),
        code.op(f"icmp sle i64 {end}, %draws"),
    ]
    row_by_row = code.op(f"and i1 {inside[0]}, {code.op(f'and i1 {inside[1]}, {inside[2]}')}")
    with code.when(row_by_row):
        copy_rows(code, "%count", (code.at("%from", "%first"), "%draws"), ("%to", str(width)))
    with code.when(code.op(f"xor i1 {row_by_row}, true")):
        _lane_by_lane(code)
    code.do("ret void")
    arguments = "ptr %from, i64 %draws, i64 %count, i64 %first, i64 %batch, ptr noalias %to"
    return code.text(f"define internal void @load_parameters({arguments}) noinline nounwind")


def _lane_by_lane(code: Assembly) -> None:
    last = code.whole("sub", "%draws", "1")
    lanes = [_draw_of(code, lane, last) for lane in range(code.width)]
    with code.loop("%count") as row:
        base = code.at("%from", code.whole("mul", row, "%draws"))
        target = code.at("%to", code.whole("mul", row, str(code.width)))
        vector = "poison"
        for lane, draw in enumerate(lanes):
            value = code.op(f"load double, ptr {code.at(base, draw)}, align 8")
            vector = code.op(f"insertelement {code.reals} {vector}, double {value}, i32 {lane}")
        code.store(vector, target, 0)


def _draw_of(code: Assembly, lane: int, last: str) -> str:
    trajectory = code.whole("add", "%first", str(lane))
    trajectory = code.op(f"call i64 @llvm.smax.i64(i64 {trajectory}, i64 0)")
    return code.op(f"call i64 @llvm.smin.i64(i64 {code.whole('udiv', trajectory, '%batch')}, i64 {last})")


def forward_function(plan: Plan, width: int) -> str:
    """`@forward(context, first tile, end tile, scratch)`."""
    code, scratch = Assembly(width), Scratch.of(plan)
    frames = ring(code, plan, scratch.frames)
    with code.loop("%end", first="%first") as tile:
        lane = code.whole("mul", tile, str(width))
        _begin_tile(code, plan, scratch, frames, lane)
        with code.loop(number(code, "steps")) as step:
            rotate(code, plan, frames, forward=True)
            _step(code, plan, scratch, frames, tile, lane, step)
        _end_tile(code, plan, scratch, frames, lane)
    code.do("ret void")
    return code.text("define void @forward(ptr %context, i64 %first, i64 %end, ptr %scratch) nounwind")


def _begin_tile(code: Assembly, plan: Plan, scratch: Scratch, frames: str, lane: str) -> None:
    """Brings a tile's history, starting values, rivals, parameters and liveness into the scratch memory.

    The newest value stands in the newest frame, so that a rotation makes room for step 1.
    """
    stride = number(code, "stride")
    with history_rows(code, plan, code.at(address(code, "history"), lane), stride, frames) as (outside, inside):
        code.store(code.op(f"load {code.reals}, ptr {outside}, align 8"), inside, 0)
    load_rows(code, plan, scratch, stride, lane)
    parameters_call(code, plan, scratch, lane)
    flags = load_flags(code, code.at(address(code, "alive"), lane, "i8"))
    code.do(f"store {code.words} {flags}, ptr {code.row('%scratch', scratch.good)}, align 32")
    with code.when(wanted(code, address(code, "totals"))), code.loop(number(code, "total_count")) as row:
        place = code.at(code.row("%scratch", scratch.totals), code.whole("mul", row, str(code.width)))
        code.store(code.real(0.0), place, 0)


def parameters_call(code: Assembly, plan: Plan, scratch: Scratch, lane: str) -> None:
    """Brings the parameters of a tile into the scratch memory."""
    first = code.whole("sub", lane, number(code, "before"))
    target = code.row("%scratch", scratch.parameters)
    given = ", ".join(
        [
            f"ptr {address(code, 'parameters')}, i64 {number(code, 'draws')}, i64 {len(plan.parameters)}",
            f"i64 {first}, i64 {number(code, 'batch')}, ptr {target}",
        ]
    )
    code.do(f"call void @load_parameters({given})")


@contextmanager
def history_rows(code: Assembly, plan: Plan, outside: str, stride: str, frames: str) -> Iterator[tuple[str, str]]:
    """For each row of a history: its address outside, and in the ring of frames whose newest is lag 1."""
    with code.loop(str(len(plan.history))) as row:
        variable, lag = (
            code.op(f"load i64, ptr {code.at(table, row, 'i64')}, align 8") for table in ("@variables", "@lags")
        )
        base = code.op(f"load ptr, ptr {code.at(frames, code.whole('sub', lag, '1'), 'ptr')}, align 8")
        inside = code.at(base, code.whole("mul", variable, str(code.width)))
        yield code.at(outside, code.whole("mul", row, stride)), inside


def history_tables(plan: Plan) -> str:
    """The variable and the lag of each row of a history, as constants."""
    lines = []
    for name, numbers in (("variables", [row for row, _ in plan.history]), ("lags", [lag for _, lag in plan.history])):
        listed = ", ".join(f"i64 {number}" for number in numbers)
        lines.append(f"@{name} = internal constant [{len(numbers)} x i64] [{listed}]")
    return "\n".join([*lines, ""])


def load_rows(code: Assembly, plan: Plan, scratch: Scratch, stride: str, lane: str) -> None:
    """Brings the starting values and the rivals of a tile into the scratch memory."""
    for name, first, count in (("starts", scratch.starts, plan.starts), ("rivals", scratch.rivals, plan.rivals)):
        if count:
            source = code.at(address(code, "starts" if name == "starts" else "rivals"), lane)
            target = code.row("%scratch", first)
            copy_rows(code, str(len(count)), (source, stride), (target, str(code.width)))


def load_flags(code: Assembly, place: str) -> str:
    """Bytes of 0 and 1 as words of 0 and −1."""
    small = code.op(f"load <{code.width} x i8>, ptr {place}, align 1")
    flags = code.op(f"icmp ne <{code.width} x i8> {small}, zeroinitializer")
    return code.op(f"sext {code.flags} {flags} to {code.words}")


def chunk_arguments(code: Assembly, plan: Plan, scratch: Scratch, frames: str, lane: str, step: str) -> str:
    """The arguments that a chunk's function is called with."""
    stride = number(code, "stride")
    row = code.whole("mul", step, str(max(1, len(plan.actions))))
    actions = code.at(code.at(address(code, "actions"), lane), code.whole("mul", row, stride))
    set_row = code.whole("mul", step, str(len(plan.variables)))
    flags, settings = (code.at(address(code, name), set_row) for name in ("flags", "settings"))
    time = code.whole("add", code.whole("add", step, "1"), number(code, "time"))
    pointers = {
        name: code.row("%scratch", getattr(scratch, name)) for name in ("starts", "parameters", "noise", "rivals")
    }
    good = code.row("%scratch", scratch.good)
    return (
        f"ptr {frames}, ptr {pointers['starts']}, ptr {pointers['parameters']}, ptr {actions}, i64 {stride}, "
        f"ptr {pointers['noise']}, ptr {pointers['rivals']}, ptr {address(code, 'tables')}, "
        f"ptr {address(code, 'cubics')}, ptr {flags}, ptr {settings}, "
        f"double {code.op(f'sitofp i64 {time} to double')}, ptr {good}"
    )


def _step(code: Assembly, plan: Plan, scratch: Scratch, frames: str, tile: str, lane: str, step: str) -> None:
    arguments = chunk_arguments(code, plan, scratch, frames, lane, step)
    first_site = 0
    for chunk, sites in enumerate(plan.sites):
        if sites:
            _noise(code, plan, scratch, chunk, first_site, (tile, lane, step))
        code.do(f"call void @forward_{chunk}({arguments})")
        first_site += len(sites)
    any_failed = _any_failed(code, scratch)
    _freeze(code, plan, scratch, frames, any_failed)
    _keep(code, scratch, frames, lane, step, any_failed)


def _noise(
    code: Assembly, plan: Plan, scratch: Scratch, chunk: int, first_site: int, place: tuple[str, str, str]
) -> None:
    tile, lane, step = place
    sites = plan.sites[chunk]
    normal = sum(site.normal for site in sites)
    block = code.whole("add", number(code, "block"), code.whole("mul", tile, str(code.width // BLOCK)))
    time = code.whole("add", code.whole("add", step, "1"), number(code, "time"))
    target = code.row("%scratch", scratch.noise)
    given = ", ".join(
        [
            f"ptr {address(code, 'pieces')}, ptr {address(code, 'keys')}, i64 {first_site}",
            f"i64 {normal}, i64 {len(sites) - normal}, i64 {block}, i64 {time}, ptr {target}",
        ]
    )
    code.do(f"call void @noise({given})")
    kept = address(code, "noise")
    with code.when(wanted(code, kept)):
        stride = number(code, "stride")
        row = code.whole("add", code.whole("mul", step, str(len(plan.all_sites))), str(first_site))
        out = code.at(code.at(kept, lane), code.whole("mul", row, stride))
        copy_rows(code, str(len(sites)), (target, str(code.width)), (out, stride))


def _any_failed(code: Assembly, scratch: Scratch) -> str:
    """Whether a trajectory of the tile has failed, now or before."""
    kind, row = "<4 x i64>", code.row("%scratch", scratch.good)
    first, *others = (
        code.op(f"load {kind}, ptr {code.at(row, str(lane), 'i64')}, align 32") for lane in range(0, code.width, 4)
    )
    for other in others:
        first = code.op(f"and {kind} {first}, {other}")
    small = code.op(f"bitcast <4 x i1> {code.op(f'icmp slt {kind} {first}, zeroinitializer')} to i4")
    return code.op(f"icmp ne i4 {small}, -1")


def _freeze(code: Assembly, plan: Plan, scratch: Scratch, frames: str, any_failed: str) -> None:
    """Where a trajectory has failed, its values stay at the last good ones."""
    with code.when(any_failed):
        good = code.op(f"load {code.words}, ptr {code.row('%scratch', scratch.good)}, align 32")
        flags = code.op(f"icmp eq {code.words} {good}, zeroinitializer")
        now, before = frame(code, frames, 0), frame(code, frames, 1)
        with code.loop(str(len(plan.variables))) as row:
            offset = code.whole("mul", row, str(code.width))
            place = code.at(now, offset)
            value = code.load(place, 0)
            code.store(code.select(flags, code.load(code.at(before, offset), 0), value), place, 0)


def _keep(code: Assembly, scratch: Scratch, frames: str, lane: str, step: str, any_failed: str) -> None:
    """Stores the rows that were asked for, and adds to the sums."""
    stride, newest = number(code, "stride"), frame(code, frames, 0)
    count = number(code, "keep_count")
    out = code.at(code.at(address(code, "values"), lane), code.whole("mul", code.whole("mul", step, count), stride))
    chosen = address(code, "keep_rows")
    with code.loop(count) as index:
        row = code.op(f"load i64, ptr {code.at(chosen, index, 'i64')}, align 8")
        value = code.load(code.at(newest, code.whole("mul", row, str(code.width))), 0)
        code.do(f"store {code.reals} {value}, ptr {code.at(out, code.whole('mul', index, stride))}, align 8")
    alive = address(code, "alive_after")
    with code.when(wanted(code, alive)):
        kind, place = f"<{code.width} x i8>", code.at(code.at(alive, lane, "i8"), code.whole("mul", step, stride), "i8")
        code.do(f"store {kind} splat (i8 1), ptr {place}, align 1")
        with code.when(any_failed):
            good = code.op(f"load {code.words}, ptr {code.row('%scratch', scratch.good)}, align 32")
            flags = code.op(f"icmp ne {code.words} {good}, zeroinitializer")
            code.do(f"store {kind} {code.op(f'zext {code.flags} {flags} to {kind}')}, ptr {place}, align 1")
    _add_up(code, scratch, newest, step)


def _add_up(code: Assembly, scratch: Scratch, newest: str, step: str) -> None:
    with code.when(wanted(code, address(code, "totals"))):
        count = number(code, "total_count")
        weights = code.at(address(code, "total_weights"), code.whole("mul", step, count))
        with code.loop(count) as index:
            row = code.op(f"load i64, ptr {code.at(address(code, 'total_rows'), index, 'i64')}, align 8")
            value = code.load(code.at(newest, code.whole("mul", row, str(code.width))), 0)
            weight = code.splat(code.op(f"load double, ptr {code.at(weights, index)}, align 8"))
            place = code.at(code.row("%scratch", scratch.totals), code.whole("mul", index, str(code.width)))
            code.store(code.add(code.load(place, 0), code.mul(weight, value)), place, 0)


def _end_tile(code: Assembly, plan: Plan, scratch: Scratch, frames: str, lane: str) -> None:
    """Leaves the last history and the sums."""
    stride = number(code, "stride")
    after = address(code, "history_after")
    with (
        code.when(wanted(code, after)),
        history_rows(code, plan, code.at(after, lane), stride, frames) as (outside, inside),
    ):
        code.do(f"store {code.reals} {code.load(inside, 0)}, ptr {outside}, align 8")
    totals = address(code, "totals")
    with code.when(wanted(code, totals)):
        source = (code.row("%scratch", scratch.totals), str(code.width))
        copy_rows(code, number(code, "total_count"), source, (code.at(totals, lane), stride))
