"""DynamoDB's expressions that set attributes by their names, each through a placeholder of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def assignments(attributes: Mapping[str, object], path: str = "") -> str:
    """What follows `SET`; `path` is that of the map in which the attributes are, with its dot."""
    return ", ".join(f"{path}#{name} = :{name}" for name in attributes)


def values(attributes: Mapping[str, object]) -> dict[str, object]:
    return {f":{name}": value for name, value in attributes.items()}


def names(attributes: Mapping[str, object]) -> dict[str, str]:
    return {f"#{name}": name for name in attributes}
