"""The two functions that maintain the ledger: one from CloudTrail records, one from a full sync."""

from __future__ import annotations

from typing import TYPE_CHECKING

from constructs import Construct

from infra.detection.queues import WorkQueue
from infra.ledger.sync_keys import SyncKeys
from infra.ledger.track_keys import BATCHING_WINDOW, TIMEOUT, TrackKeys

if TYPE_CHECKING:
    from infra.messaging.message_queue import MessageQueue
    from infra.resources import StackResources
    from infra.rotation.rotation_roles import RotationRoles


class Tracking(Construct):
    """CloudTrail records of key changes have a queue of their own, so that a burst of rejected calls does not
    delay them. Keys deactivated by `roles` are not reported as predicted outages. `enrolments` receives the
    users whose claims are to be checked.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        roles: RotationRoles,
        enrolments: MessageQueue,
    ) -> None:
        super().__init__(scope, construct_id)
        self.lifecycle_queue = WorkQueue(
            self,
            "KeyLifeCycle",
            dead_letters=resources.intake.dead_letter_queue,
            consumer_timeout=TIMEOUT,
            batching_window=BATCHING_WINDOW,
            operator_roles=resources.config.operator_role_arns,
        )
        self.track_keys = TrackKeys(
            self,
            "TrackKeys",
            resources=resources,
            queue=self.lifecycle_queue,
            roles=roles,
            enrolments=enrolments,
        )
        self.sync_keys = SyncKeys(self, "SyncKeys", resources=resources, enrolments=enrolments)
