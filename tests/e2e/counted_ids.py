"""Empties the count of unknown ids; beyond its bound, ids share an incident instead of having their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.incidents.adapters.unknown_id_counts import UNKNOWN_IDS
from lambdas.incidents.domain.unknown_ids import MAX_INCIDENTS
from local.lease_table import find_lease_table

if TYPE_CHECKING:
    from local.deployment import Deployment

SECONDS_REMEMBERED = 5  # by a worker that read a full count


def forget_counted_ids(deployment: Deployment) -> bool:
    """Whether the count was full, which a worker may still remember."""
    leases = find_lease_table(deployment.aws, deployment.outputs)
    answer = leases.delete_item(Key={"name": UNKNOWN_IDS}, ReturnValues="ALL_OLD")
    return len(answer.get("Attributes", {}).get("alerts", ())) >= MAX_INCIDENTS
