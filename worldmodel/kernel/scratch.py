"""Where a kernel keeps one tile of trajectories while it runs: places in a block of memory that the caller lends it."""

from dataclasses import dataclass
from itertools import accumulate

from worldmodel.kernel.assembly import Assembly
from worldmodel.kernel.plan import Plan


@dataclass(frozen=True)
class Scratch:
    """Offsets in rows of `width` numbers; frames and adjoint frames are rings of depth + 1."""

    frames: int
    adjoints: int
    starts: int
    parameters: int
    rivals: int
    noise: int
    good: int
    totals: int
    gradient_starts: int
    gradient_parameters: int
    rows: int

    @staticmethod
    def of(plan: Plan) -> "Scratch":
        """The places for a plan, for forward and reverse alike."""
        variables, depth = len(plan.variables), plan.depth
        ring = (depth + 1) * variables
        sizes = (
            ring,
            ring,
            len(plan.starts),
            len(plan.parameters),
            len(plan.rivals),
            max((len(sites) for sites in plan.sites), default=0),
            1,
            variables,
            len(plan.starts),
            len(plan.parameters),
        )
        ends = list(accumulate(sizes))
        return Scratch(0, *ends)


def ring(code: Assembly, plan: Plan, first_row: int) -> str:
    """An array of depth + 1 addresses of frames in the scratch memory, newest first."""
    pointers = code.op(f"alloca [{plan.depth + 1} x ptr], align 8")
    for lag in range(plan.depth + 1):
        place = code.row("%scratch", first_row + lag * len(plan.variables))
        code.do(f"store ptr {place}, ptr {code.at(pointers, str(lag), 'ptr')}, align 8")
    return pointers


def rotate(code: Assembly, plan: Plan, pointers: str, forward: bool) -> None:
    """Makes the newest frame the one before, and the oldest the newest; or, backwards, undoes it."""
    places = [code.at(pointers, str(lag), "ptr") for lag in range(plan.depth + 1)]
    loaded = [code.op(f"load ptr, ptr {place}, align 8") for place in places]
    moved = [loaded[-1], *loaded[:-1]] if forward else [*loaded[1:], loaded[0]]
    for place, pointer in zip(places, moved, strict=True):
        code.do(f"store ptr {pointer}, ptr {place}, align 8")


def copy_rows(code: Assembly, count: str, source: tuple[str, str], target: tuple[str, str]) -> None:
    """Copies rows; source and target are an address and the distance between its rows, in numbers."""
    with code.loop(count) as row:
        value = code.op(f"load {code.reals}, ptr {code.at(source[0], code.whole('mul', row, source[1]))}, align 8")
        code.do(f"store {code.reals} {value}, ptr {code.at(target[0], code.whole('mul', row, target[1]))}, align 8")


def wanted(code: Assembly, address: str) -> str:
    """Whether an address is not 0."""
    return code.op(f"icmp ne ptr {address}, null")
