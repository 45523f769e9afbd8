"""An attacker chooses the address from which a call through his VPC endpoint seems to come."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from local.demo.application import new_application
from local.demo.switches import restart_function
from local.patience import TIMEOUT_SECONDS
from tests.e2e.denial import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.demo.application import Application
    from local.deployment import Deployment

OURS, OTHERS = "vpce-0a1b2c3d4e5f60718", "vpce-0ffffffffffffffff"
NETWORK = "network:127.0.0.0/8"


def fail_through(application: Application, endpoint: str) -> None:
    """One call with a dead key, to the host of the VPC endpoint."""
    session: Any = application.aws.session((application.access_key_id, application.secret_access_key))
    sts, host = session.client("sts"), f"{endpoint}-abcdefgh.sts.us-east-1.vpce.amazonaws.com"
    sts.meta.events.register("before-sign.sts", lambda request, **_: request.headers.add_header("Host", host))
    with suppress(ClientError):
        sts.get_caller_identity()


@pytest.fixture
def exempt(deployment: Deployment) -> Iterator[Any]:
    """Writes an exemption of all local addresses, and removes it afterwards."""
    tables: Any = deployment.aws.session().resource("dynamodb")
    table = tables.Table(deployment.outputs["ExemptionTableName"])

    def write(**more: str) -> None:
        expires = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        reason = {"exemption": NETWORK, "reason": "the tests", "author": "test", "expires": expires}
        table.put_item(Item=reason | more)
        restart_function(deployment, deployment.outputs["RemediateFunctionName"])

    yield write
    table.delete_item(Key={"exemption": NETWORK})
    restart_function(deployment, deployment.outputs["RemediateFunctionName"])


def is_exempt(deployment: Deployment, application: Application) -> bool:
    """Once the failed call is evaluated."""
    key = application.access_key_id

    def evaluated() -> bool:
        return any("guardrail" in incident for incident in deployment.incidents_of(key))

    assert wait_until(evaluated)
    [incident] = deployment.incidents_of(key)
    return bool(incident["guardrail"] == {"S": "exempt"})


@pytest.mark.parametrize(
    ("field", "expected"), [({}, False), ({"vpcEndpoint": OTHERS}, False), ({"vpcEndpoint": OURS}, True)]
)
def test_a_call_through_an_endpoint_is_exempt_only_if_the_exemption_names_the_endpoint(
    deployment: Deployment, exempt: Any, field: dict[str, str], *, expected: bool
) -> None:
    exempt(**field)
    application = new_application(deployment.aws, "behind-an-endpoint")
    application.delete_key()
    fail_through(application, OURS)
    assert is_exempt(deployment, application) is expected
    alert = deployment.alerts.wait_for(
        lambda received: received.is_of_incident(application.access_key_id) and OURS in received.body,
        1 if expected else TIMEOUT_SECONDS,
    )
    assert (alert is None) is expected


def test_a_call_through_no_endpoint_is_exempt_by_its_network(deployment: Deployment, exempt: Any) -> None:
    exempt()
    application = new_application(deployment.aws, "behind-no-endpoint")
    application.delete_key()
    application.call("sts", "get_caller_identity")
    assert is_exempt(deployment, application)
