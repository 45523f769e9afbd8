"""Why a signature was rejected, as AWS's message says it, and what to do about it."""

from __future__ import annotations

from lambdas.aws.domain.rejections import Objection
from lambdas.diagnosis.domain.diagnosis import Confidence, Remedy
from lambdas.diagnosis.domain.remedies import CHECK_CLOCK, CHECK_CLOCK_AND_PAIR, SHOW_REGION_AND_ENDPOINT

_NOT_THE_KEY = "the key is not at fault, but the caller's"
_OTHER_REGION = (
    "AWS says that the request is signed for another region than that of its endpoint:"
    f" {_NOT_THE_KEY} region or endpoint URL."
)
_OTHER_SERVICE = (
    "AWS says that the request is signed for another service than that of its endpoint:"
    f" {_NOT_THE_KEY} endpoint URL, or the program that signs."
)
_OTHER_PROTOCOL = (
    "AWS says that the request is not signed as Signature Version 4 demands:"
    f" {_NOT_THE_KEY} program that signs."
)
_WRONG_SIGNATURE = (
    "The signature does not match: the secret access key does not belong to this id or has a"
    " hidden character, or the caller's clock is more than 15 minutes off."
)
_REASONS = {
    Objection.CLOCK: ("AWS says that the caller's clock is off: the key is not at fault.", (CHECK_CLOCK,)),
    Objection.REGION: (_OTHER_REGION, (SHOW_REGION_AND_ENDPOINT,)),
    Objection.SERVICE: (_OTHER_SERVICE, (SHOW_REGION_AND_ENDPOINT,)),
    Objection.PROTOCOL: (_OTHER_PROTOCOL, ()),
    Objection.SIGNATURE: (_WRONG_SIGNATURE, (CHECK_CLOCK_AND_PAIR,)),
}


def explain_signature(objection: Objection) -> tuple[str, tuple[Remedy, ...], Confidence] | None:
    """The fact, its own remedies, and how certain it is; None if the message is not about the signature."""
    reason = _REASONS.get(objection)
    if reason is None:
        return None
    confidence = Confidence.LIKELY if objection is Objection.SIGNATURE else Confidence.CERTAIN
    return *reason, confidence
