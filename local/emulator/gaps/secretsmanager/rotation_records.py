"""CloudTrail's records of what Secrets Manager does by itself.

AWS documents (user guide, "CloudTrail entries for Secrets Manager") RotationStarted, RotationSucceeded,
RotationFailed, RotationAbandoned, and TestRotation… likewise, as service events: they reach the default bus
as `AWS Service Event via CloudTrail`. The shape is that of published records. The emulator has none.
"""

from __future__ import annotations

import time
import uuid
from typing import Final

from local.emulator.trail.delivery import deliver

SERVICE: Final = "secretsmanager.amazonaws.com"


def record(event_name: str, secret_arn: str, token: str, error: str | None = None) -> None:
    region, account = secret_arn.split(":")[3:5]
    deliver(
        {
            "eventVersion": "1.08",
            "userIdentity": {"accountId": account, "invokedBy": SERVICE},
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "eventSource": SERVICE,
            "eventName": event_name,
            "awsRegion": region,
            "sourceIPAddress": SERVICE,
            "userAgent": SERVICE,
            **({"errorMessage": error} if error else {}),
            "requestParameters": None,
            "responseElements": None,
            "additionalEventData": {"SecretId": secret_arn},
            "requestID": f"Rotation-{secret_arn}-{token}",
            "eventID": str(uuid.uuid4()),
            "readOnly": False,
            "eventType": "AwsServiceEvent",
            "managementEvent": True,
            "recipientAccountId": account,
            "eventCategory": "Management",
        }
    )
