"""A rotated secret that also has what a mail program needs to send by Amazon SES."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from typing import TYPE_CHECKING, Final

from local.demo.application import new_application
from local.demo.enrolment import enrol
from local.demo.outcome import PROMISED_TOGETHER_SECONDS, ExpectedAlert, Outcome
from local.patience import TIMEOUT_SECONDS

if TYPE_CHECKING:
    from local.demo.enrolment import EnrolledUser
    from local.deployment import Deployment

NAME: Final = "rotation of a secret with an SES SMTP password"
DESCRIPTION: Final = (
    "A rotated secret also has an SMTP user, an SMTP password and a URL: they follow the key."
)
REGION: Final = "eu-central-1"


def mail_user(deployment: Deployment) -> EnrolledUser:
    application = new_application(deployment.aws, "mailer")
    return enrol(
        deployment, application, "approve",
        **mail_fields(application.access_key_id, application.secret_access_key),
    )  # fmt: skip


def rotate(it: EnrolledUser) -> float:
    """Returns when, by the monotonic clock."""
    at = time.monotonic()
    it.rotate()
    return at


def check_mail(it: EnrolledUser, at: float) -> Outcome:
    """SES accepts a user and a password that belong to one key."""
    subject = f"rotation-succeeded: {it.user_name}"
    alert = it.deployment.alerts.wait_for(lambda received: subject in received.subject, TIMEOUT_SECONDS)
    attributes = {"decision": "rotate", "severity": "low", "owner": it.user_name}
    expected = ExpectedAlert(attributes, PROMISED_TOGETHER_SECONDS)
    value = it.value()
    fields = mail_fields(value["AccessKeyId"], value["SecretAccessKey"])
    stale = [f"{name} does not belong to the new key" for name in fields if value[name] != fields[name]]
    return Outcome(
        NAME,
        DESCRIPTION,
        (f"{expected}; the other fields belong to the new key",),
        alert,
        alert.at - at if alert else TIMEOUT_SECONDS,
        (*expected.problems_with(alert), *stale),
        expected.delay_of(alert, at),
    )


def mail_fields(access_key_id: str, secret_access_key: str) -> dict[str, str]:
    """The password as the program computes it that AWS publishes (SES developer guide, "Obtaining Amazon SES
    SMTP credentials by converting existing AWS credentials"), independently of what is demonstrated.
    """
    signature = f"AWS4{secret_access_key}".encode()
    for message in ("11111111", REGION, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, message.encode(), hashlib.sha256).digest()
    return {
        "SmtpUser": access_key_id,
        "SmtpPassword": base64.b64encode(bytes([4]) + signature).decode(),
        "Url": f"smtp://{access_key_id}@email-smtp.{REGION}.amazonaws.com:587",
    }
