"""The size of a DynamoDB item, which determines the price of its writes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_OF_A_COLLECTION = 3
_OF_AN_ELEMENT = 1


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """`item` is in DynamoDB's own JSON."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    [(kind, held)] = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return 1 + (len(held.lstrip("-")) + 1) // 2
        case "M":
            return _OF_A_COLLECTION + item_bytes(held) + _OF_AN_ELEMENT * len(held)
        case "L":
            return _OF_A_COLLECTION + sum(_OF_AN_ELEMENT + _value_bytes(entry) for entry in held)
        case _:
            return 1
