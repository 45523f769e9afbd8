"""The error codes and messages of a refused access key, and what a code and message say together.

The same failure has one code for each protocol (aws-facts 1.7). CloudTrail writes EC2's codes with
`Client.` before them (aws-facts 1.5). Healthy callers produce the same codes with other messages
(aws-facts 1.4), so a code alone decides nothing.
"""

from __future__ import annotations

from enum import IntEnum

KEY_FAILURE_CODES = frozenset(
    {"AuthFailure", "InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"}
)
EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException"})
SIGNATURE_CODES = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch"})
TOKEN_CODES = frozenset({"InvalidToken"})
NEIGHBOUR_CODES = EXPIRED_CODES | SIGNATURE_CODES | TOKEN_CODES
DEAD_KEY_MESSAGES = (
    "The security token included in the request is invalid",
    "The AWS Access Key Id you provided does not exist in our records",
    "AWS was not able to validate the provided access credentials",
)
OTHER_MATTER_MESSAGES = (
    "No account found for the given parameters",  # SNS, Glacier: an account id inside a parameter
    "Not authorized for images",  # EC2: an AMI that is not shared with the caller
    "permission on the S3 bucket",  # EC2: an export bucket's ACL
)


class ErrorClass(IntEnum):
    """What a code and its message say of the caller's key, the more telling the higher."""

    UNRELATED = 0
    SWITCHED_OFF = 1  # no error at all: the key was taken out of service, and calls are about to fail
    RELATED_CREDENTIAL_ERROR = 2
    AMBIGUOUS = 3
    KEY_REJECTED = 4


def bare(code: str) -> str:
    return code.removeprefix("Client.")


def read_error(code: str, message: str) -> ErrorClass:
    """UNCLEAR is a code of the family whose message is absent or not listed: evidence must judge it."""
    if bare(code) in NEIGHBOUR_CODES:
        return ErrorClass.RELATED_CREDENTIAL_ERROR
    if bare(code) not in KEY_FAILURE_CODES or _mentions(message, OTHER_MATTER_MESSAGES):
        return ErrorClass.UNRELATED
    return ErrorClass.KEY_REJECTED if _mentions(message, DEAD_KEY_MESSAGES) else ErrorClass.AMBIGUOUS


def _mentions(message: str, texts: tuple[str, ...]) -> bool:
    return any(text.casefold() in message.casefold() for text in texts)
