"""Creates and breaks the keys of a storm on the local AWS."""

from __future__ import annotations

from itertools import cycle, islice
from typing import TYPE_CHECKING

from local.demo.scenarios import deactivated, deleted
from local.emulator.key_ids import key_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.emulator.process import LocalAws


def broken_keys(aws: LocalAws, number: int) -> list[str]:
    """Alternately deactivated, deleted and invented keys."""
    ways: tuple[Callable[[LocalAws], str], ...] = (
        lambda aws: deactivated(aws).access_key_id,
        lambda aws: deleted(aws).access_key_id,
        lambda aws: key_id("AKIA", aws.account),
    )
    return [way(aws) for way in islice(cycle(ways), number)]
