"""exp, log, tanh, logistic, pow and the normal quantile on vectors of float64, as LLVM functions of our own.

Each is within about 2 units in the last place wherever the result is a normal number (see the tests), with IEEE's
answers for infinities, NaN, zeros and subnormals. No branches on data, but for the normal quantile's rare tail.
Elements do not mix: a lane's result is the same whatever stands in the others.
"""

from collections.abc import Callable, Mapping

from worldmodel.kernel import coefficients as table
from worldmodel.kernel.assembly import Assembly

_MAGIC = 1.5 * 2.0**52  # adding it rounds to a whole number and leaves that in the low bits
_LOG2_E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10  # the high part has 20 zero bits at the end
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_BIAS = 1024
_SMALLEST_NORMAL = 2.2250738585072014e-308
_INFINITY, _NAN = float("inf"), float("nan")


def _power_of_two(code: Assembly, shifted: str) -> str:
    """2^n from the number n + magic, for n from −1022 to 1023."""
    exponent = code.integer("shl", code.as_words(shifted), code.word(52))
    return code.as_reals(code.integer("add", exponent, code.word(1023 << 52)))


def _reduced(code: Assembly, x: str) -> tuple[str, str]:
    """n + magic and r with x = n log 2 + r."""
    shifted = code.fma(x, code.stored(_LOG2_E), code.stored(_MAGIC))
    n = code.sub(shifted, code.stored(_MAGIC))
    r = code.fma(n, code.stored(-_LN2_HIGH), x)
    return shifted, code.fma(n, code.stored(-_LN2_LOW), r)


def _exp_minus_one(code: Assembly, r: str) -> str:
    """eʳ − 1 for a reduced r."""
    return code.fma(code.mul(r, r), code.polynomial(table.EXP, r), r)


def _clamped(code: Assembly, x: str, low: float, high: float) -> str:
    """x between two numbers; NaN stays."""
    x = code.select(code.compare("olt", code.real(high), x), code.real(high), x)
    return code.select(code.compare("olt", x, code.real(low)), code.real(low), x)


def _scaled(code: Assembly, value: str, shifted: str) -> str:
    """value · 2^n for any n of a result, in two steps so that it over- and underflows as it should."""
    n = code.as_words(shifted)
    half = code.integer("lshr", n, code.word(1))
    for part in (half, code.integer("sub", n, half)):  # whose low bits are those of n's halves
        exponent = code.integer("add", code.integer("shl", part, code.word(52)), code.word(1023 << 52))
        value = code.mul(value, code.as_reals(exponent))
    return value


def exp(code: Assembly, x: str) -> str:
    """eˣ."""
    shifted, r = _reduced(code, _clamped(code, x, -760.0, 720.0))
    return _scaled(code, code.add(_exp_minus_one(code, r), code.real(1.0)), shifted)


def _split(code: Assembly, x: str) -> tuple[str, str]:
    """The exponent k and the mantissa between √½ and √2 of a positive normal number."""
    word = code.as_words(x)
    above = code.integer("sub", word, code.word(_SQRT_HALF_BITS - (_BIAS << 52)))
    exponent = code.integer("lshr", above, code.word(52))
    whole = code.as_reals(code.integer("or", exponent, code.word(0x4330 << 48)))
    k = code.sub(whole, code.stored(2.0**52 + _BIAS))
    high = code.integer("and", above, code.word(0xFFF << 52))
    return k, code.as_reals(code.integer("sub", word, code.integer("sub", high, code.word(_BIAS << 52))))


def log_normal_number(code: Assembly, x: str, off: str = "") -> str:
    """log x of a positive normal number, without looking at anything else; less `off` times log 2."""
    k, m = _split(code, x)
    k = code.sub(k, off) if off else k
    f = code.sub(m, code.real(1.0))
    s = code.div(f, code.add(m, code.real(1.0)))
    z = code.mul(s, s)
    half_square = code.mul(code.mul(f, code.real(0.5)), f)
    rest = code.mul(z, code.polynomial(table.LOG, z))
    inner = code.fma(s, code.add(half_square, rest), code.mul(k, code.stored(_LN2_LOW)))
    return code.fma(k, code.stored(_LN2_HIGH), code.sub(f, code.sub(half_square, inner)))


def _normalised(code: Assembly, x: str) -> tuple[str, str]:
    """x scaled by 2^54 where it is subnormal, and the 54 to take off again."""
    tiny = code.compare("olt", x, code.real(_SMALLEST_NORMAL))
    scaled = code.select(tiny, code.mul(x, code.real(2.0**54)), x)
    return scaled, code.select(tiny, code.real(54.0), code.real(0.0))


def log(code: Assembly, x: str) -> str:
    """The natural logarithm."""
    scaled, off = _normalised(code, x)
    value = log_normal_number(code, scaled, off)
    value = code.select(code.compare("olt", x, code.real(_INFINITY)), value, x)  # infinity, and NaN
    value = code.select(code.compare("oeq", x, code.real(0.0)), code.real(-_INFINITY), value)
    return code.select(code.compare("olt", x, code.real(0.0)), code.real(_NAN), value)


def tanh(code: Assembly, x: str) -> str:
    """The hyperbolic tangent, from e^(2|x|) − 1."""
    doubled = code.mul(code.unary("fabs", x), code.real(2.0))
    most = code.real(44.0)
    shifted, r = _reduced(code, code.select(code.compare("olt", most, doubled), most, doubled))
    scale = _power_of_two(code, shifted)
    grown = code.fma(scale, _exp_minus_one(code, r), code.sub(scale, code.real(1.0)))
    return code.copysign(code.div(grown, code.add(grown, code.real(2.0))), x)


def logistic(code: Assembly, x: str) -> str:
    """1 / (1 + e⁻ˣ)."""
    return code.div(code.real(1.0), code.add(code.real(1.0), exp(code, code.neg(x))))


def normal_quantile(code: Assembly, u: str) -> str:
    """Φ⁻¹(u)."""
    return code.mul(code.sub(u, code.real(0.5)), _normal_ratio(code, normal_area(code, u)))


def normal_area(code: Assembly, u: str) -> str:
    """4 u (1 − u)."""
    return code.mul(code.mul(code.real(4.0), u), code.sub(code.real(1.0), u))


def half_normal_quantile(code: Assembly, u: str) -> str:
    """Φ⁻¹((1 + u) / 2): the u quantile of the absolute value of a normal draw, exact near 0 too."""
    area = code.mul(code.sub(code.real(1.0), u), code.add(code.real(1.0), u))
    return code.mul(code.mul(u, code.real(0.5)), _normal_ratio(code, area))


def central_ratio(code: Assembly, area: str) -> tuple[str, str]:
    """Φ⁻¹(u) / (u − 1/2) from 4 u (1 − u), good where w ≤ 5, and w = −log(4 u (1 − u))."""
    w = code.neg(log_normal_number(code, area))
    return code.polynomial(table.NORMAL_CENTRE, code.sub(w, code.stored(2.5))), w


def mended_ratio(code: Assembly, ratio: str, w: str) -> str:
    """The ratio, with the tail's where w > 5."""
    far, kind = code.compare("ogt", w, code.real(5.0)), code.reals
    return code.select(far, code.op(f"call {kind} @normal_tail.{code.width}({kind} {w})"), ratio)


def any_far(code: Assembly, *ws: str) -> str:
    """Whether the tail is reached anywhere: about once in three hundred numbers."""
    greatest = ws[0]
    for w in ws[1:]:
        greatest = code.select(code.compare("ogt", w, greatest), w, greatest)
    return code.any(code.compare("ogt", greatest, code.real(5.0)))


def _normal_ratio(code: Assembly, area: str) -> str:
    ratio, w = central_ratio(code, area)
    before, tail, after = (code.fresh(kind) for kind in ("before", "tail", "after"))
    code.jump(before)
    code.do(f"br i1 {any_far(code, w)}, label {tail}, label {after}, !prof !0")
    code.label(tail)
    mended = mended_ratio(code, ratio, w)
    code.jump(after)
    return code.op(f"phi {code.reals} [ {ratio}, {before} ], [ {mended}, {tail} ]")


def normal_tail(code: Assembly, w: str) -> str:
    """The ratio where w > 5."""
    root = code.unary("sqrt", w)
    near = code.polynomial(table.NORMAL_TAIL, code.sub(root, code.stored(table.NORMAL_TAIL_MIDDLE)))
    beyond = code.polynomial(table.NORMAL_FAR, code.sub(root, code.stored(table.NORMAL_FAR_MIDDLE)))
    return code.select(code.compare("olt", root, code.real(3.75)), near, beyond)


def _two_product(code: Assembly, a: str, b: str) -> tuple[str, str]:
    product = code.mul(a, b)
    return product, code.fma(a, b, code.neg(product))


def _quick_sum(code: Assembly, a: str, b: str) -> tuple[str, str]:
    """a + b and its error, where |a| ≥ |b| or a is 0."""
    total = code.add(a, b)
    return total, code.sub(b, code.sub(total, a))


def _log_in_two_parts(code: Assembly, x: str) -> tuple[str, str]:
    """log x of a positive finite number as an unevaluated sum with about 65 good bits."""
    scaled, off = _normalised(code, x)
    k, m = _split(code, scaled)
    k = code.sub(k, off)
    one = code.real(1.0)
    f, below = code.sub(m, one), code.add(m, one)
    below_rest = code.sub(m, code.sub(below, one))
    s = code.div(f, below)
    left = code.fma(code.neg(s), below_rest, code.fma(code.neg(s), below, f))
    s_rest = code.div(left, below)
    z = code.mul(s, s)
    series = code.mul(code.mul(s, z), code.polynomial(table.LOG, z))
    high, low = _quick_sum(code, code.mul(k, code.stored(_LN2_HIGH)), code.mul(s, code.real(2.0)))
    # log 2 less its high part, in two parts of its own: k · _LN2_HIGH is exact
    rest = code.fma(k, code.stored(_LN2_LOW), code.mul(s_rest, code.real(2.0)))
    low = code.add(low, code.add(series, rest))
    return _quick_sum(code, high, low)


def power(code: Assembly, x: str, y: str) -> str:
    """xʸ with IEEE's special cases."""
    size = code.unary("fabs", x)
    high, low = _log_in_two_parts(code, size)
    product, rest = _two_product(code, y, high)
    shifted, r = _reduced(code, _clamped(code, product, -760.0, 720.0))
    r = code.add(r, code.fma(y, low, rest))
    value = _scaled(code, code.add(_exp_minus_one(code, r), code.real(1.0)), shifted)
    return _power_cases(code, x, y, size, value, product)


def _power_cases(code: Assembly, x: str, y: str, size: str, value: str, product: str) -> str:
    zero, one, infinity = code.real(0.0), code.real(1.0), code.real(_INFINITY)
    rising = code.compare("ogt", y, zero)
    value = code.select(code.compare("ogt", product, code.real(720.0)), infinity, value)
    value = code.select(code.compare("olt", product, code.real(-760.0)), zero, value)
    value = code.select(code.compare("oeq", size, zero), code.select(rising, zero, infinity), value)
    value = code.select(code.compare("oeq", size, infinity), code.select(rising, infinity, zero), value)
    whole = code.compare("oeq", y, code.unary("floor", y))
    half = code.mul(y, code.real(0.5))
    odd = code.logic("and", whole, code.compare("one", half, code.unary("floor", half)))
    value = code.select(odd, code.copysign(value, x), value)
    fine = code.logic("or", code.compare("oge", x, zero), code.logic("or", whole, code.compare("oeq", size, infinity)))
    value = code.select(fine, value, code.real(_NAN))
    value = code.select(code.compare("uno", x, y), code.real(_NAN), value)
    value = code.select(code.compare("oeq", size, one), _of_unit(code, x, y, odd, value), value)
    return code.select(code.compare("oeq", y, zero), one, value)


def _of_unit(code: Assembly, x: str, y: str, odd: str, value: str) -> str:
    """Powers of 1 and of −1, where y may be infinite or, for 1, NaN."""
    one, minus = code.real(1.0), code.real(-1.0)
    of_minus = code.select(odd, minus, one)
    infinite = code.compare("oeq", code.unary("fabs", y), code.real(_INFINITY))
    of_minus = code.select(infinite, one, code.select(code.compare("oeq", value, value), of_minus, value))
    return code.select(code.compare("oeq", x, one), one, of_minus)


ONE: Mapping[str, Callable[[Assembly, str], str]] = {
    "exp": exp,
    "log": log,
    "tanh": tanh,
    "logistic": logistic,
    "normal_quantile": normal_quantile,
    "half_normal_quantile": half_normal_quantile,
    "normal_tail": normal_tail,
}
"""Functions of one number."""


def definition(name: str, width: int, attributes: str) -> str:
    """One function as LLVM text, called `@name.width`."""
    code = Assembly(width)
    if name == "pow":
        result, arguments = power(code, "%x", "%y"), f"{code.reals} %x, {code.reals} %y"
    else:
        result, arguments = ONE[name](code, "%x"), f"{code.reals} %x"
    code.do(f"ret {code.reals} {result}")
    return code.text(f"define internal {code.reals} @{name}.{width}({arguments}) {attributes}")
