"""The events of a storm as messages of the signal queue."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from bench.events.refused_call import INVALID_TOKEN, RefusedCall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.storm.scenario import Storm

_SERVICES = (
    ("sts", "GetCallerIdentity", "InvalidClientTokenId", INVALID_TOKEN),
    ("dynamodb", "ListTables", "UnrecognizedClientException", INVALID_TOKEN),
    (
        "s3",
        "ListBuckets",
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
)
_USER_AGENTS = (
    "Boto3/1.43.106 Python/3.13.0 Linux/6.8.0 Botocore/1.43.106",
    "aws-cli/2.31.0 md/awscrt#0.28.2 ua/2.1 os/linux#6.8.0 lang/python#3.13.7",
    "aws-sdk-java/2.33.4 md/io#sync md/http#Apache ua/2.1 os/Linux#6.8.0 lang/java#21.0.8",
    "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 aws-sdk-go-v2/1.39.0",
)


def calls(storm: Storm, account: str, keys: Sequence[str]) -> Iterator[RefusedCall]:
    """Deterministic: the same keys give the same storm."""
    draw = random.Random(storm.events)  # noqa: S311 - nothing secret is drawn
    for _ in range(storm.events):
        caller = draw.randrange(storm.callers)
        service, operation, code, message = _SERVICES[caller % len(_SERVICES)]
        yield RefusedCall(
            access_key_id=draw.choice(keys),
            account=account,
            region=draw.choice(storm.regions),
            service=service,
            operation=operation,
            error_code=code,
            error_message=message,
            source=f"203.0.113.{caller}",
            user_agent=_USER_AGENTS[caller % len(_USER_AGENTS)],
        )
