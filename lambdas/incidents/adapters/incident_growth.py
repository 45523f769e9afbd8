"""New callers and regions of an incident, as an update of its DynamoDB item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.dynamodb import assignments, names, values
from lambdas.detection.domain.signal_group import MAX_CALLERS, MAX_REGIONS
from lambdas.incidents.adapters.incident_items import caller_map

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lambdas.detection.domain.signal_group import SignalGroup


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The parts of an update expression and of its condition, with their values and names."""

    updates: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    values: Mapping[str, object]
    names: Mapping[str, str]


def growth(item: Mapping[str, Any], group: SignalGroup) -> Growth | None:
    """Up to their limits, so that the item cannot grow too large; None if there is nothing new."""
    parts = [_callers(item, group), _regions(item, group)]
    grown = [part for part in parts if part]
    if not grown:
        return None
    return Growth(
        updates=tuple(update for part in grown for update in part.updates),
        conditions=tuple(condition for part in grown for condition in part.conditions),
        values={name: value for part in grown for name, value in part.values.items()},
        names={name: value for part in grown for name, value in part.names.items()},
    )


def _callers(item: Mapping[str, Any], group: SignalGroup) -> Growth | None:
    new = _new(caller_map(group.callers), item["callers"], MAX_CALLERS)
    if not new:
        return None
    return Growth(
        updates=(f"SET {assignments(new, 'callers.')}",),
        conditions=("size(callers) < :mostCallers",),
        values=values(new) | {":mostCallers": MAX_CALLERS},
        names=names(new),
    )


def _regions(item: Mapping[str, Any], group: SignalGroup) -> Growth | None:
    known = dict.fromkeys(item.get("regions", ()))
    new = set(_new(dict.fromkeys(group.regions), known, MAX_REGIONS))
    if not new:
        return None
    return Growth(
        updates=("ADD regions :regions",),
        conditions=("(attribute_not_exists(regions) OR size(regions) < :mostRegions)",),
        values={":regions": new, ":mostRegions": MAX_REGIONS},
        names={},
    )


def _new(seen: Mapping[str, object], known: Mapping[str, object], limit: int) -> dict[str, object]:
    new = [entry for entry in seen.items() if entry[0] not in known]
    return dict(new[: max(0, limit - len(known))])
