"""The benchmark's world by hand in Numba, tuned: blocks of trajectories, polynomial functions, fast arithmetic.

Everything is written so that LLVM makes vectors of the inner loop over trajectories, with as many good digits as the
generated kernel has. The noise is either a hash of a counter (two multiplications of 32 bits), which is not a generator
that anyone tests, or Philox 4x32-10, or the kernel's own Philox 4x64-10 with its products put together from halves.
"""

from typing import Any

import numba
import numpy as np
from numba import float64, int32, int64, uint32, uint64
from numba.extending import intrinsic
from numpy.typing import NDArray

from worldmodel.kernel import coefficients as table

BLOCK = 64
CENTRE, EXP, LOG = (np.array(values[::-1]) for values in (table.NORMAL_CENTRE, table.EXP, table.LOG))
TAIL, FAR = np.array(table.NORMAL_TAIL[::-1]), np.array(table.NORMAL_FAR[::-1])
TAIL_MIDDLE, FAR_MIDDLE = table.NORMAL_TAIL_MIDDLE, table.NORMAL_FAR_MIDDLE
fast = numba.njit(fastmath=True, error_model="numpy")


@intrinsic
def bits(_context: Any, _x: Any) -> Any:
    def generate(_inner: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir  # noqa: PLC0415

        return builder.bitcast(arguments[0], ir.IntType(64))

    return int64(float64), generate


@intrinsic
def real(_context: Any, _x: Any) -> Any:
    def generate(_inner: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir  # noqa: PLC0415

        return builder.bitcast(arguments[0], ir.DoubleType())

    return float64(int64), generate


def _horner(coefficients: NDArray[np.float64]) -> Any:
    """A polynomial written out, so that its coefficients are constants."""
    body = repr(float(coefficients[-1]))
    for value in coefficients[-2::-1]:
        body = f"({body}) * x + {float(value)!r}"
    names: dict[str, Any] = {}
    exec(f"def polynomial(x):\n    return {body}", names)  # noqa: S102
    return fast(names["polynomial"])


centre, exp_rest, log_rest, tail, far = (_horner(values) for values in (CENTRE, EXP, LOG, TAIL, FAR))
MAGIC = 6755399441055744.0


@fast
def exp(x):  # type: ignore[no-untyped-def]
    x = min(max(x, -700.0), 700.0)
    n = np.rint(x * 1.4426950408889634)
    r = x - n * 0.6931471803691238 - n * 1.9082149292705877e-10
    power = real((bits(n + MAGIC) << int64(52)) + (int64(1023) << int64(52)))
    return (1.0 + (r + r * r * exp_rest(r))) * power


@fast
def log(x):  # type: ignore[no-untyped-def]
    above = bits(x) - int64(0x3FE6A09E667F3BCD) + (int64(1024) << int64(52))
    k = float64(int32(uint64(above) >> uint64(52))) - 1024.0  # nothing large for fast arithmetic to rearrange
    m = real(bits(x) - ((above & int64(0x7FF << 52)) - (int64(1024) << int64(52))))
    f = m - 1.0
    s = f / (m + 1.0)
    z = s * s
    return k * 0.6931471805599453 + (2.0 * s + s * z * log_rest(z))


@fast
def tanh(x):  # type: ignore[no-untyped-def]
    grown = exp(2.0 * min(abs(x), 22.0)) - 1.0
    value = grown / (grown + 2.0)
    return value if x > 0.0 else -value


@fast
def depth(u):  # type: ignore[no-untyped-def]
    return -log(4.0 * u * (1.0 - u))


@fast
def normal_tail(u, w):  # type: ignore[no-untyped-def]
    root = np.sqrt(w)
    ratio = tail(root - TAIL_MIDDLE) if root < 3.75 else far(root - FAR_MIDDLE)
    return (u - 0.5) * ratio


@fast
def hashed(counter):  # type: ignore[no-untyped-def]
    x = uint32(counter)
    x = uint32((x ^ (x >> uint32(16))) * uint32(0x7FEB352D))
    x = uint32((x ^ (x >> uint32(15))) * uint32(0x846CA68B))
    return x ^ (x >> uint32(16))


@fast
def hash_noise(out, scratch, key, block, step):  # type: ignore[no-untyped-def]
    for site in range(out.shape[0]):
        first = hashed(uint32(key) + uint32(site * 7919) + hashed(uint32(step))) + uint32(block * BLOCK)
        for lane in range(BLOCK):
            scratch[lane] = (float64(hashed(first + uint32(lane))) + 0.5) * 2.0**-32
        to_normals(scratch, out[site])


@fast
def to_normals(scratch, out):  # type: ignore[no-untyped-def]
    for lane in range(BLOCK):
        out[lane] = (scratch[lane] - 0.5) * centre(depth(scratch[lane]) - 2.5)
    furthest = 0
    for lane in range(BLOCK):
        furthest += abs(scratch[lane] - 0.5) > 0.4983
    if furthest:
        for lane in range(BLOCK):
            if abs(scratch[lane] - 0.5) > 0.4983:
                out[lane] = normal_tail(scratch[lane], depth(scratch[lane]))


@fast
def philox32_noise(out, scratch, key, block, step):  # type: ignore[no-untyped-def]
    for site in range(out.shape[0]):
        for quarter in range(BLOCK // 4):
            a, b, c, d = uint32(block * (BLOCK // 4) + quarter), uint32(step), uint32(site), uint32(0)
            k0, k1 = uint32(key), uint32(site)
            for _ in range(10):
                left, right = uint64(a) * uint64(0xD2511F53), uint64(c) * uint64(0xCD9E8D57)
                a = uint32(right >> uint64(32)) ^ b ^ k0
                b = uint32(right)
                c = uint32(left >> uint64(32)) ^ d ^ k1
                d = uint32(left)
                k0, k1 = uint32(k0 + uint32(0x9E3779B9)), uint32(k1 + uint32(0xBB67AE85))
            scratch[quarter] = (float64(a) + 0.5) * 2.0**-32
            scratch[quarter + BLOCK // 4] = (float64(b) + 0.5) * 2.0**-32
            scratch[quarter + BLOCK // 2] = (float64(c) + 0.5) * 2.0**-32
            scratch[quarter + 3 * BLOCK // 4] = (float64(d) + 0.5) * 2.0**-32
        to_normals(scratch, out[site])


@fast
def high(a, b):  # type: ignore[no-untyped-def]
    low_mask, half = uint64(0xFFFFFFFF), uint64(32)
    a0, a1, b0, b1 = a & low_mask, a >> half, b & low_mask, b >> half
    middle = a1 * b0 + ((a0 * b0) >> half)
    other = a0 * b1 + (middle & low_mask)
    return a1 * b1 + (middle >> half) + (other >> half)


@fast
def philox64_noise(out, scratch, key, block, step):  # type: ignore[no-untyped-def]
    first, second = uint64(0xD2E7470EE14C6C93), uint64(0xCA5A826395121157)
    for site in range(out.shape[0]):
        for quarter in range(BLOCK // 4):
            a, b, c, d = uint64(block * (BLOCK // 4) + quarter + 1), uint64(step), uint64(0), uint64(0)
            k0, k1 = uint64(key), uint64(site)
            for _ in range(10):
                a, b, c, d = high(second, c) ^ b ^ k0, second * c, high(first, a) ^ d ^ k1, first * a
                k0, k1 = k0 + uint64(0x9E3779B97F4A7C15), k1 + uint64(0xBB67AE8584CAA73B)
            for place, word in enumerate((a, b, c, d)):
                scratch[4 * quarter + place] = (float64(word >> uint64(12)) + 0.5) * 2.0**-52
        to_normals(scratch, out[site])


@fast
def set_actions(rate, spending, log_prices, prices, demand, output, mood, r1, r2, g1, g2):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        log_prices[j] = log(prices[j])
        rate[j] = r1[j] * log_prices[j] + r2[j] * demand[j]
    for j in range(BLOCK):
        spending[j] = g1[j] * output[j] + g2[j] * mood[j]


@fast
def set_demand(demand, income, rate, z, c1, c2, c3, s1):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        demand[j] = c1[j] * demand[j] + c2[j] * tanh(income[j]) - c3[j] * rate[j] + s1[j] * z[j]


@fast
def set_income(now, income, demand, z, i1, i2, i3, s2):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        now[j] = i1[j] * income[j] + i2[j] * max(demand[j], 0.0) + i3[j] + s2[j] * z[j]


@fast
def set_prices(prices, log_prices, demand, z, p1, p2, s3):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        prices[j] = exp(p1[j] * log_prices[j] + p2[j] * demand[j] + s3[j] * z[j])


@fast
def set_stock(stock, income, demand, k1, k2):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        stock[j] = max(stock[j] + k1[j] * (income[j] - demand[j]), 0.0) * k2[j]


@fast
def set_debt(now, debt, stock, spending, d1, d2, d3):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        now[j] = debt[j] * d1[j] + d2[j] * np.sqrt(abs(stock[j])) + d3[j] * spending[j]


@fast
def set_mood(mood, debt, z, m1, m2, s4):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        mood[j] = tanh(m1[j] * mood[j] + m2[j] * debt[j]) + s4[j] * z[j]


@fast
def set_wage(wage, mood, z, w1, w2, s5):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        wage[j] = w1[j] * wage[j] + w2[j] * exp(-abs(mood[j])) + s5[j] * z[j]


@fast
def set_output(output, wage, prices, income, debt, o1, o2, o3):  # type: ignore[no-untyped-def]
    for j in range(BLOCK):
        output[j] = o1[j] * wage[j] / (1.0 + prices[j]) + o2[j] * income[j] - o3[j] * debt[j]


def _simulator(noise: Any) -> Any:
    @fast
    def run(p, horizon, seed):  # type: ignore[no-untyped-def]
        size = p.shape[1]
        answer = np.empty(size)
        z, scratch, state, q = np.empty((5, BLOCK)), np.empty(BLOCK), np.empty((13, BLOCK)), np.empty((29, BLOCK))
        demand, income, prices, stock, debt = state[0], state[1], state[2], state[3], state[4]
        mood, wage, output, now, rate = state[5], state[6], state[7], state[8], state[9]
        spending, log_prices, owed = state[10], state[11], state[12]
        for block in range(size // BLOCK):
            state[:] = 0.0
            prices[:] = 1.0
            q[:] = p[:, block * BLOCK : (block + 1) * BLOCK]
            for step in range(1, horizon + 1):
                noise(z, scratch, seed, block, step)
                set_actions(rate, spending, log_prices, prices, demand, output, mood, q[25], q[26], q[27], q[28])
                set_demand(demand, income, rate, z[0], q[0], q[1], q[2], q[3])
                set_income(now, income, demand, z[1], q[4], q[5], q[6], q[7])
                set_prices(prices, log_prices, demand, z[2], q[8], q[9], q[10])
                set_stock(stock, now, demand, q[11], q[12])
                set_debt(owed, debt, stock, spending, q[13], q[14], q[15])
                set_mood(mood, debt, z[3], q[16], q[17], q[18])
                set_wage(wage, mood, z[4], q[19], q[20], q[21])
                set_output(output, wage, prices, income, owed, q[22], q[23], q[24])
                income, now = now, income
                debt, owed = owed, debt
            answer[block * BLOCK : (block + 1) * BLOCK] = output
        return answer

    return run


with_hash, with_philox32, with_philox64 = (_simulator(noise) for noise in (hash_noise, philox32_noise, philox64_noise))
