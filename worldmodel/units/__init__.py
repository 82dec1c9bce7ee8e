"""Units of measure: texts such as `percent/year` to exact values that agree in scale as well as in dimension."""

from worldmodel.units.parse import known_unit, parse_unit
from worldmodel.units.unit import DIMENSIONLESS, Unit

__all__ = ["DIMENSIONLESS", "Unit", "known_unit", "parse_unit"]
