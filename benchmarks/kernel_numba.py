"""The benchmark's world by hand in Numba, tuned: blocks of trajectories, polynomial functions, fast arithmetic.

Everything is written so that LLVM makes vectors of the inner loop over trajectories, with as many good digits as the
generated kernel has. The noise is either a hash of a counter (two multiplications of 32 bits), which is not a generator
that anyone tests, or Philox 4x32-10, or the kernel's own Philox 4x64-10 with its products put together from halves.
"""

from typing import Any

import numba
import numpy as np
from numba import float64, int64, uint32, uint64
from numba.extending import intrinsic
from numpy.typing import NDArray

from worldmodel.kernel import coefficients as table

BLOCK = 64
CENTRE, EXP, LOG = (np.array(values[::-1]) for values in (table.NORMAL_CENTRE, table.EXP, table.LOG))
TAIL, FAR = np.array(table.NORMAL_TAIL[::-1]), np.array(table.NORMAL_FAR[::-1])
TAIL_MIDDLE, FAR_MIDDLE = table.NORMAL_TAIL_MIDDLE, table.NORMAL_FAR_MIDDLE
fast = numba.njit(fastmath=True, inline="always")


@intrinsic
def bits(context: Any, x: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        from llvmlite import ir  # noqa: PLC0415

        return builder.bitcast(arguments[0], ir.IntType(64))

    return int64(float64), generate


@intrinsic
def real(context: Any, x: Any) -> Any:
    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
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
    return numba.njit(fastmath=True, inline="always")(names["polynomial"])


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
    k = real(int64(uint64(above) >> uint64(52)) | int64(0x4330 << 48)) - (4503599627370496.0 + 1024.0)
    m = real(bits(x) - ((above & int64(0x7FF << 52)) - (int64(1024) << int64(52))))
    f = m - 1.0
    s = f / (m + 1.0)
    z = s * s
    return k * 0.6931471805599453 + (2.0 * s + s * z * log_rest(z))


@fast
def tanh(x):  # type: ignore[no-untyped-def]
    grown = exp(2.0 * min(abs(x), 22.0)) - 1.0
    return np.copysign(grown / (grown + 2.0), x)


@fast
def normal(u):  # type: ignore[no-untyped-def]
    w = -log(4.0 * u * (1.0 - u))
    return (u - 0.5) * centre(w - 2.5), w


@numba.njit(fastmath=True)
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


@numba.njit(fastmath=True)
def hash_noise(out, scratch, key, block, step):  # type: ignore[no-untyped-def]
    for site in range(out.shape[0]):
        first = hashed(uint32(key) + uint32(site * 7919) + hashed(uint32(step))) + uint32(block * BLOCK)
        for lane in range(BLOCK):
            scratch[lane] = (float64(hashed(first + uint32(lane))) + 0.5) * 2.0**-32
        to_normals(scratch, out[site])


@numba.njit(fastmath=True)
def to_normals(scratch, out):  # type: ignore[no-untyped-def]
    furthest = 0.0
    for lane in range(BLOCK):
        value, w = normal(scratch[lane])
        out[lane] = value
        furthest = max(furthest, w)
    if furthest > 5.0:
        for lane in range(BLOCK):
            w = -log(4.0 * scratch[lane] * (1.0 - scratch[lane]))
            if w > 5.0:
                out[lane] = normal_tail(scratch[lane], w)


@numba.njit(fastmath=True)
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


@numba.njit(fastmath=True)
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


def _simulator(noise: Any) -> Any:
    @numba.njit(fastmath=True)
    def run(p, horizon, seed):  # type: ignore[no-untyped-def]
        size = p.shape[1]
        answer = np.empty(size)
        z, scratch, state = np.empty((5, BLOCK)), np.empty(BLOCK), np.empty((8, BLOCK))
        for block in range(size // BLOCK):
            state[:] = 0.0
            state[2] = 1.0
            q = p[:, block * BLOCK : (block + 1) * BLOCK]
            for step in range(1, horizon + 1):
                noise(z, scratch, seed, block, step)
                for j in range(BLOCK):
                    demand, income, prices, stock = state[0, j], state[1, j], state[2, j], state[3, j]
                    debt, mood, wage, output = state[4, j], state[5, j], state[6, j], state[7, j]
                    log_prices = log(prices)
                    rate = q[25, j] * log_prices + q[26, j] * demand
                    spending = q[27, j] * output + q[28, j] * mood
                    demand = q[0, j] * demand + q[1, j] * tanh(income) - q[2, j] * rate + q[3, j] * z[0, j]
                    income_now = q[4, j] * income + q[5, j] * max(demand, 0.0) + q[6, j] + q[7, j] * z[1, j]
                    prices = exp(q[8, j] * log_prices + q[9, j] * demand + q[10, j] * z[2, j])
                    stock = max(stock + q[11, j] * (income_now - demand), 0.0) * q[12, j]
                    debt_now = debt * q[13, j] + q[14, j] * np.sqrt(abs(stock)) + q[15, j] * spending
                    mood = tanh(q[16, j] * mood + q[17, j] * debt) + q[18, j] * z[3, j]
                    wage = q[19, j] * wage + q[20, j] * exp(-abs(mood)) + q[21, j] * z[4, j]
                    output = q[22, j] * wage / (1.0 + prices) + q[23, j] * income - q[24, j] * debt_now
                    state[0, j], state[1, j], state[2, j], state[3, j] = demand, income_now, prices, stock
                    state[4, j], state[5, j], state[6, j], state[7, j] = debt_now, mood, wage, output
            answer[block * BLOCK : (block + 1) * BLOCK] = state[7]
        return answer

    return run


with_hash, with_philox32, with_philox64 = (_simulator(noise) for noise in (hash_noise, philox32_noise, philox64_noise))
