"""New callers and regions of an incident, added to its DynamoDB item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lambdas.aws.adapters.dynamodb import ItemTable, assignments, names, values
from lambdas.detection.domain.callers import MAX_CALLERS, calls_of_others, new_callers
from lambdas.detection.domain.signal_group import MAX_REGIONS, SignalGroup
from lambdas.incidents.adapters.incident_items import caller_map, others_attributes, stored_callers


def add_callers_and_regions(table: ItemTable, item: dict[str, Any], group: SignalGroup) -> dict[str, Any]:
    """Up to their limits, so that the item cannot grow too large. Returns the item as it is afterwards."""
    listed = _add(table, item, group)
    others = others_attributes(calls_of_others(group.calls, stored_callers(listed)))
    if not others:
        return listed
    adding = ", ".join(f"#{name} :{name}" for name in map(str, range(len(others))))
    counted = table.update(
        _key(item),
        f"ADD {adding}",
        condition="attribute_exists(openedAt)",
        values={f":{place}": number for place, number in enumerate(others.values())},
        names={f"#{place}": name for place, name in enumerate(others)},
    )
    return counted or listed


def _add(table: ItemTable, item: dict[str, Any], group: SignalGroup) -> dict[str, Any]:
    callers = caller_map(new_callers(group.callers, stored_callers(item)))
    regions = _new(dict.fromkeys(group.regions), item.get("regions", ()), MAX_REGIONS)
    updates, conditions, known = [], [], values(callers)
    if callers:
        updates.append(f"SET {assignments(callers, 'callers.')}")
        conditions.append("size(callers) < :maxCallers")
        known |= {":maxCallers": MAX_CALLERS}
    if regions:
        updates.append("ADD regions :regions")
        conditions.append("(attribute_not_exists(regions) OR size(regions) < :maxRegions)")
        known |= {":regions": set(regions), ":maxRegions": MAX_REGIONS}
    if not updates:
        return item
    updated = table.update(
        _key(item),
        " ".join(updates),
        condition=" AND ".join(conditions),
        values=known,
        names=names(callers),
    )
    return updated or item


def _key(item: Mapping[str, Any]) -> dict[str, str]:
    return {"accessKeyId": item["accessKeyId"], "openedAt": item["openedAt"]}


def _new(seen: Mapping[str, object], known: Collection[str], limit: int) -> dict[str, object]:
    new = [entry for entry in seen.items() if entry[0] not in known]
    return dict(new[: max(0, limit - len(known))])
