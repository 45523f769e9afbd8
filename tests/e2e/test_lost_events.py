"""An event that reaches neither its queue nor the dead-letter queue is lost, but not without an alarm."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from local.demo.scenarios import never_issued
from local.failures import ALARM
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Deployment


@contextmanager
def closed_to_everybody(deployment: Deployment, *outputs: str) -> Iterator[None]:
    """Removes the policies of the queues, as a person may do by mistake."""
    sqs: Any = deployment.aws.session().client("sqs")
    urls = [deployment.outputs[output] for output in outputs]
    policies = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"] for url in urls
    }
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    try:
        yield
    finally:
        for url, attributes in policies.items():
            sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def test_a_signal_that_reaches_no_queue_raises_an_alarm(deployment: Deployment) -> None:
    metric = "InvocationsFailedToBeSentToDlq"
    deployment.failures.expect(ALARM, "LostEvents")
    application = never_issued()(deployment.aws)
    with closed_to_everybody(deployment, "SignalQueueUrl", "DeadLetterQueueUrl"):
        application.call("sts", "get_caller_identity")
        assert deployment.operations.wait_for(lambda it: it.is_alarm_on(metric), TIMEOUT_SECONDS)
    key = application.access_key_id
    assert not [alert for alert in deployment.alerts.received if key in alert.body]
