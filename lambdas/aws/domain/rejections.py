"""What AWS says is wrong with a rejected request, as far as its code and its message say it."""

from __future__ import annotations

from enum import Enum, auto

from lambdas.aws.domain.error_codes import SIGNATURE_CODES, TOKEN_CODES, strip_client_prefix


class Objection(Enum):
    CLOCK = auto()
    REGION = auto()  # the request is signed for another region
    SERVICE = auto()  # it is signed for another service
    PROTOCOL = auto()  # it is signed in another way than the protocol demands
    SIGNATURE = auto()  # the secret, or the clock
    TOKEN = auto()  # the session token
    KEY_OR_TOKEN = auto()  # the id or the session token: for a wrong secret, AWS has another message
    CREDENTIALS = auto()  # nothing says which part of them


# IAM user guide, Troubleshoot Signature Version 4 signing (credential scope errors, key expiration).
_OF_SIGNATURES = (
    ("signature expired", Objection.CLOCK),
    ("signature not yet current", Objection.CLOCK),
    ("date in credential scope does not match", Objection.CLOCK),
    ("scoped to a valid region", Objection.REGION),
    ("scoped to correct service", Objection.SERVICE),
    ("scoped with a valid terminator", Objection.PROTOCOL),
)
_INVALID = "security token included in the request is invalid"


def find_objection(code: str, message: str) -> Objection:
    """The first that the message names: AWS lists all errors of a credential scope in one message."""
    bare, said = strip_client_prefix(code), message.casefold()
    if bare in TOKEN_CODES:
        return Objection.TOKEN
    if bare in SIGNATURE_CODES:
        named = (objection for text, objection in _OF_SIGNATURES if text in said)
        return next(named, Objection.SIGNATURE)
    return Objection.KEY_OR_TOKEN if _INVALID in said else Objection.CREDENTIALS
