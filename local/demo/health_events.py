"""AWS Health's events about exposed keys, which the local AWS does not send.

Their shape: AWS Health user guide, Amazon EventBridge schema, and the sample of aws-health-tools.
"""

from __future__ import annotations

from typing import Any

EXPOSED = "AWS_RISK_CREDENTIALS_EXPOSED"


def a_health_event(*entities: str, account: str, time: str, **detail: Any) -> dict[str, Any]:  # noqa: ANN401 -- of any shape
    return {
        "version": "0",
        "id": "121345678-1234-1234-1234-123456789012",
        "detail-type": "AWS Health Event",
        "source": "aws.health",
        "account": account,
        "time": time,
        "region": "us-east-1",
        "resources": [],
        "detail": {
            "eventArn": f"arn:aws:health:us-east-1::event/RISK/{EXPOSED}/XXXXXXXXXXXXXXXXX",
            "service": "RISK",
            "eventTypeCode": EXPOSED,
            "eventTypeCategory": "issue",
            "startTime": "Sat, 14 Mar 2026 12:00:00 GMT",
            "eventDescription": [{"language": "en_US", "latestDescription": "A description is given here"}],
            "affectedEntities": [{"entityValue": entity} for entity in entities],
        }
        | detail,
    }
