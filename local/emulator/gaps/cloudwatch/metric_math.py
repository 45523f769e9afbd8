"""Metric math: sums, differences, products and comparisons of time series.

AWS documents that a value that is missing in one series counts as 0 where another series has one, and that a
comparison gives 0 or 1.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import operator
from itertools import starmap, zip_longest
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local.emulator.gaps.cloudwatch.evaluation import Points

OPERATORS: Final[Mapping[type[ast.AST], Callable[[Any, Any], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


def compute(expression: str, series: Mapping[str, Points]) -> Points:
    """Raises KeyError for an operator or a name that it does not know."""
    found = _value(ast.parse(expression, mode="eval").body, series)
    if isinstance(found, float):
        raise TypeError(f"{expression} is no time series")
    return found


def _value(node: ast.AST, series: Mapping[str, Points]) -> Points | float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return series[name]
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(OPERATORS[type(op)], _value(left, series), _value(right, series))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _combine(OPERATORS[type(op)], _value(left, series), _value(right, series))
    raise TypeError(f"metric math that is not known here: {ast.unparse(node)}")


def _combine(
    apply: Callable[[Any, Any], float], left: Points | float, right: Points | float
) -> Points | float:
    if isinstance(left, float) and isinstance(right, float):
        return float(apply(left, right))
    if isinstance(left, float):
        return [None if point is None else float(apply(left, point)) for point in _series(right)]
    if isinstance(right, float):
        return [None if point is None else float(apply(point, right)) for point in left]

    def at_one_time(one: float | None, other: float | None) -> float | None:
        return None if one is None and other is None else float(apply(one or 0.0, other or 0.0))

    return [*starmap(at_one_time, zip_longest(left, right))]


def _series(value: Points | float) -> Points:
    if isinstance(value, float):
        raise TypeError("a number where a time series is needed")
    return value
