from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from infra.config.config import Config
from tests.infra.configurations import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterator


def same_fields(one: Any, other: Any, path: str = "") -> Iterator[str]:
    for field in fields(one):
        values = getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(values[0]):
            yield from same_fields(*values, path=f"{path}{field.name}.")
        elif values[0] == values[1]:
            yield f"{path}{field.name}"


def test_the_configuration_with_everything_leaves_no_field_at_its_default() -> None:
    assert [*same_fields(Config.from_context(EVERYTHING), Config())] == []
