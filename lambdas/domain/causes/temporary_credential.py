"""A temporary credential was refused: expired, without its session token, or not valid in the region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.access_key_id import is_temporary
from lambdas.domain.cause import Cause
from lambdas.domain.diagnosis import Confidence, Diagnosis
from lambdas.domain.error_codes import EXPIRED_CODES, bare
from lambdas.domain.inert_text import inert
from lambdas.domain.regions import needs_opt_in
from lambdas.domain.remedies import FIND_WHICH_CREDENTIAL_WINS
from lambdas.domain.wording import HISTORY_DAYS, moment

if TYPE_CHECKING:
    from lambdas.domain.diagnosis import Case
    from lambdas.domain.evidence import Issue
    from lambdas.domain.signal import Signal


def diagnose(case: Case) -> Diagnosis | None:
    signal = case.signal
    expired = bare(signal.error_code) in EXPIRED_CODES
    if not expired and not (signal.has_usable_id and is_temporary(signal.access_key_id)):
        return None
    return Diagnosis(
        cause=Cause.TEMPORARY_CREDENTIAL,
        confidence=Confidence.CERTAIN if expired else Confidence.LIKELY,
        facts=(*_what_is_wrong(signal, expired=expired), *_who_issued_it(case)),
        remedies=(FIND_WHICH_CREDENTIAL_WINS,),
    )


def _what_is_wrong(signal: Signal, *, expired: bool) -> tuple[str, ...]:
    if expired:
        return ("AWS says that the token has expired: its caller must fetch a new one.",)
    facts = (
        (
            "The id begins with ASIA, so STS issued it: it works only with its session token and"
            " until it expires."
        ),
        "It has expired, or AWS_SESSION_TOKEN is missing or belongs to another key.",
    )
    if not needs_opt_in(signal.region):
        return facts
    region = inert(signal.region)
    return (
        *facts,
        f"Or its token is of version 1, from the global STS endpoint, which {region} does not accept.",
    )


def _who_issued_it(case: Case) -> tuple[str, ...]:
    issue = case.evidence.issue
    if issue is not None:
        what = f"{inert(issue.by)} got it by {inert(issue.event_name)} at {moment(issue.at)}"
        return (f"{what}, for {_holder(issue)}.",)
    if not case.evidence.asked:
        return ()
    where = f"CloudTrail's history of {HISTORY_DAYS} days, here and in {case.home.iam_region}"
    return (f"Who issued it is not in {where}.",)


def _holder(issue: Issue) -> str:
    return inert(issue.to) if issue.still_there else f"{inert(issue.to)}, which has been deleted since"
