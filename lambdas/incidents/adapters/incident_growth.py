"""New callers and regions of an incident, added to its DynamoDB item."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from lambdas.aws.adapters.dynamodb import ItemTable, assignments, names, values
from lambdas.detection.domain.signal_group import MAX_CALLERS, MAX_REGIONS, SignalGroup
from lambdas.incidents.adapters.incident_items import caller_map


def add_callers_and_regions(table: ItemTable, item: dict[str, Any], group: SignalGroup) -> dict[str, Any]:
    """Up to their limits, so that the item cannot grow too large. Returns the item as it is afterwards."""
    callers = _new(caller_map(group.callers), item["callers"], MAX_CALLERS)
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
        {"accessKeyId": item["accessKeyId"], "openedAt": item["openedAt"]},
        " ".join(updates),
        condition=" AND ".join(conditions),
        values=known,
        names=names(callers),
    )
    return updated or item


def _new(seen: Mapping[str, object], known: Collection[str], limit: int) -> dict[str, object]:
    new = [entry for entry in seen.items() if entry[0] not in known]
    return dict(new[: max(0, limit - len(known))])
