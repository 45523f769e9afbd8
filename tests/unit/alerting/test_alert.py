from __future__ import annotations

import os
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.alerting.domain.alert import BODY_LIMIT, SUBJECT_LIMIT, compose_alert
from lambdas.aws.domain.iam import REPORTED, Usage
from lambdas.decisions.domain.alternative_modes import CONDITIONAL_WORDING
from lambdas.decisions.domain.decision import change_not_started, fail_over_finished, with_removable_keys
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.evidence import Evidence, OwnRotation
from lambdas.diagnosis.domain.unread import Source, Unread
from lambdas.ledger.domain.enrolment_tags import CONTACT_TAG
from lambdas.ledger.domain.occurrence import recorded
from lambdas.ledger.domain.owner import Owner
from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.fail_overs import FailOverResult
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import RotationContext
from tests.support.builders import (
    ALICE,
    DELETED_USER,
    FOUND_BY_SYNC,
    HOME,
    LAST_USE,
    NEAR,
    NOON,
    OTHER_ACCOUNT,
    REFUSED,
    a_caller,
    a_case,
    a_change,
    a_deleted_key,
    a_finding,
    a_listed_key,
    a_predicted_outage,
    a_quarantined_key,
    a_signal,
    a_superseded_key,
    an_active_key,
    an_assessment,
    an_inactive_key,
    an_incident,
    an_issue,
    an_unknown_key,
    key_id,
)
from tests.support.health_events import EXPOSED
from tests.support.paths import GOLDEN
from tests.unit.diagnosis.test_causes import ROTATABLE_CASES, cases
from tests.unit.test_text import HOSTILE, IAM_NAMES, LINK

if TYPE_CHECKING:
    from pathlib import Path

    from lambdas.alerting.domain.alert import Alert
    from lambdas.aws.domain.iam import Caller
    from lambdas.diagnosis.domain.diagnosis import Case
    from lambdas.incidents.domain.finding import Finding

CALLERS_OF_EVERY_KIND = tuple(
    a_caller(source=source, user_agent=f"{agent} {number}")
    for number in range(4)
    for source, agent in (
        ("140.82.112.3", "exec-env/GitHub_Actions"),
        ("3.5.140.2", "exec-env/AWS_Lambda_python3.13"),
        ("198.51.100.7", "aws-cli/2.15 os/macos"),
        ("8.8.8.8", "Boto3/1.34 os/linux"),
        ("10.1.2.3", "Boto3/1.34 os/linux"),
    )
)
TWO_KEYS = (a_listed_key(key_id(2)), a_listed_key(key_id(3), status="Inactive"))

NEW_KEY = replace(a_listed_key(), created_at=NOON - timedelta(seconds=5))

TAGGED_USER = replace(ALICE, tags={CONTACT_TAG: "payments@example.com"})
FOREIGN_CONTACT = replace(ALICE, tags={CONTACT_TAG: "https://evil.example/login"})
CONTACTS = replace(HOME, contact_domains=frozenset({"example.com"}))
USAGE = (
    Usage(caller=a_caller(), service="s3", region="eu-west-1", calls=37, last_at=NOON),
    Usage(caller=a_caller("10.0.0.7"), service="sqs", region="eu-west-1", calls=1, last_at=NOON),
)
BY_A_THIEF = OwnRotation(
    access_key_id=key_id(2),
    created_at=NOON - timedelta(seconds=2),
    by="user/alice",
    source="198.51.100.66",
    by_automation=False,
    from_known_source=False,
)

_DELETION = a_predicted_outage("DeleteAccessKey")
ENDED_BY_ALICE = replace(
    _DELETION,
    principal="user/alice",
    predicted_outage=_DELETION.predicted_outage and replace(_DELETION.predicted_outage, by="user/alice"),
)

CASES = {
    "key-inactive": a_case(),
    "key-inactive-foreign-contact": a_case(
        evidence=an_inactive_key(owner=FOREIGN_CONTACT), deployment=CONTACTS
    ),
    "key-deleted": a_case(evidence=a_deleted_key()),
    "key-deleted-two-other-keys": a_case(evidence=a_deleted_key(other_keys=TWO_KEYS)),
    "key-deleted-found-by-a-sync": a_case(evidence=a_deleted_key(history=(), deletion=FOUND_BY_SYNC)),
    "user-deleted": a_case(evidence=a_deleted_key(owner=DELETED_USER, last_use=LAST_USE)),
    "user-deleted-or-renamed": a_case(
        evidence=Evidence(looked_up=True, owner=Owner(name="alice", exists=False), last_use=LAST_USE)
    ),
    "mistyped-key": a_case(evidence=NEAR),
    "deactivated-in-use": a_case(
        a_predicted_outage(),
        an_inactive_key(owner=TAGGED_USER, usage=USAGE, description="nightly backup"),
        CONTACTS,
    ),
    "deactivated-in-use-rotated": a_case(a_predicted_outage(), a_superseded_key()),
    "deleted-in-use-by-its-owner": a_case(
        ENDED_BY_ALICE,
        a_deleted_key(
            other_keys=(a_listed_key(key_id(2)),), last_use=LAST_USE, usage=USAGE, own_rotation=BY_A_THIEF
        ),
    ),
    "deleted-in-use": a_case(a_predicted_outage("DeleteAccessKey"), a_deleted_key(last_use=LAST_USE)),
    "user-deleted-in-use": a_case(
        a_predicted_outage("DeleteUser"),
        a_deleted_key(
            owner=replace(DELETED_USER, deletion=recorded(NOON, "user/bob")), last_use=LAST_USE, usage=USAGE
        ),
    ),
    "root-key": a_case(a_signal(principal_type="Root"), Evidence()),
    "unknown-key": a_case(evidence=an_unknown_key()),
    "unknown-key-none": a_case(a_signal(""), Evidence()),
    "malformed-key": a_case(a_signal("akia iosfodnn7"), Evidence()),
    "malformed-key-secret": a_case(
        a_signal("wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz", event_id="1b2c3d4e-5f60-4718-9a0b-1c2d3e4f5a6b"),
        Evidence(),
    ),
    "placeholder-key": a_case(a_signal("AKIAIOSFODNN7EXAMPLE"), Evidence()),
    "temporary-credential": a_case(
        a_signal(key_id(prefix="ASIA"), region="eu-south-1"), Evidence(looked_up=True)
    ),
    "temporary-credential-expired": a_case(
        a_signal(key_id(prefix="ASIA"), error_code="ExpiredToken", error_message="It has expired"),
        Evidence(issue=an_issue()),
    ),
    "unknown-key-unread": a_case(
        evidence=Evidence(
            looked_up=True,
            owner=ALICE,
            unread=(
                Unread(source=Source.LISTING, error="iam:ListAccessKeys: AccessDenied"),
                Unread(source=Source.HISTORY, error="cloudtrail:LookupEvents: AccessDeniedException"),
            ),
        )
    ),
    "quarantined-key": a_case(evidence=a_quarantined_key()),
    "quarantined-key-attached": a_case(
        a_predicted_outage("AttachUserPolicy"), replace(a_quarantined_key(), key=a_listed_key())
    ),
    "quarantined-key-exposed": a_case(a_predicted_outage(EXPOSED), replace(an_active_key(), exposed_at=NOON)),
    "superseded-key": a_case(evidence=a_superseded_key()),
    "key-not-propagated": a_case(evidence=replace(an_active_key(), key=NEW_KEY)),
    "active-key-rejected": a_case(a_signal(error_code="SignatureDoesNotMatch"), an_active_key()),
    "active-key-rejected-session": a_case(evidence=an_active_key()),
    "active-key-rejected-credentials": a_case(
        a_signal(
            service="ec2",
            operation="DescribeInstances",
            error_code="Client.AuthFailure",
            error_message="AWS was not able to validate the provided access credentials",
        ),
        an_active_key(),
    ),
    "active-key-rejected-region": a_case(a_signal(region="eu-south-1"), an_active_key()),
    "active-key-rejected-partition": a_case(a_signal(region="cn-north-1"), an_active_key()),
    "other-account": a_case(a_signal(key_id(account=OTHER_ACCOUNT)), an_unknown_key()),
}


def _enrolled(**changes: object) -> Finding:
    """Of alice's inactive key, deactivated by a listed automation, where everything permits a rotation."""
    fields = {"mode": Mode.AUTO, "deployment_mode": Mode.AUTO, "secret_name": "access-keys/alice"}
    automation = {"deactivated_by": DeactivatedBy.AUTOMATION}
    enrolment = RotationContext(**fields | automation | changes)  # type: ignore[arg-type]
    finding = a_finding(a_case(evidence=an_inactive_key(rotation_context=enrolment)))
    return replace(finding, deployment_mode=Mode.AUTO)


def _not_started() -> Finding:
    finding = _enrolled()
    decision = change_not_started(finding.case, finding.diagnosis, "secretsmanager:RotateSecret: Throttling")
    return replace(finding, decision=decision)


def _without_a_slot() -> Finding:
    finding = _enrolled(has_free_slot=False)
    held = (
        f"{key_id()} (Inactive, last used with sts in eu-central-1 at 2026-03-14 11:45:00 UTC)",
        f"{key_id(2)} (Active, never used)",
    )
    return replace(
        finding,
        decision=with_removable_keys(
            finding.decision, finding.case, held, [f"user/terraform created {key_id(2)}"]
        ),
    )


def _failed_over(lender: str = "") -> Finding:
    finding = _enrolled()
    carried = FailOverResult(access_key_id=key_id(2), since=NOON, lender=lender)
    return replace(finding, decision=fail_over_finished(finding.case, finding.diagnosis, carried))


UNREAD_POLICIES = Unread(source=Source.QUARANTINE, error="iam:ListAttachedUserPolicies: AccessDenied")
# Guardrails whose decisions are not alerted.
NOT_ALERTED = {Guardrail.NOT_A_KEY_FAILURE, Guardrail.EXEMPT, Guardrail.OWN_TRIAL}
DECISIONS = {
    Guardrail.QUARANTINED: a_finding(a_case(evidence=a_quarantined_key())),
    Guardrail.ROTATION_CANNOT_MEND: a_finding(a_case(a_signal(principal_type="Root"), Evidence())),
    Guardrail.EVIDENCE_INCOMPLETE: a_finding(a_case(evidence=an_inactive_key(unread=(UNREAD_POLICIES,)))),
    Guardrail.NOT_ENROLLED: a_finding(),
    Guardrail.CONSUMER_IS_STALE: _enrolled(live_key=key_id(2)),
    Guardrail.MODE_NOTIFY: _enrolled(mode=Mode.NOTIFY),
    Guardrail.KILL_SWITCH: _enrolled(stopped=True),
    Guardrail.COOLDOWN: _enrolled(in_cooldown=True),
    Guardrail.BUDGET: _enrolled(budget_spent=True),
    Guardrail.NO_SLOT: _without_a_slot(),
    Guardrail.CREATION_DENIED: _enrolled(creation_denied=True),
    Guardrail.BINDING: _enrolled(binding_refusal="the secret names no user"),
    Guardrail.SWITCHED_OFF_BY_A_PERSON: _enrolled(deactivated_by=DeactivatedBy.ANYBODY),
    Guardrail.MODE_APPROVE: _enrolled(mode=Mode.APPROVE),
    Guardrail.NOT_STARTED: _not_started(),
    Guardrail.NONE: _enrolled(),
}
FAIL_OVERS = {"fail-over-previous": _failed_over(), "fail-over-backup": _failed_over("alice-backup")}


@pytest.mark.parametrize("name", CASES)
def test_each_alert_reads_as_its_golden_file(name: str) -> None:
    """UPDATE_GOLDEN=1 rewrites the files; review the diff."""
    alert = compose_alert(a_finding(CASES[name]))
    _reads_as(GOLDEN / f"{name}.txt", alert)


def test_a_rotation_that_a_listed_automation_ended_is_not_called_one_by_the_key_itself() -> None:
    rotation = replace(BY_A_THIEF, ended_by_owner=False)
    evidence = a_deleted_key(own_rotation=rotation, other_keys=(a_listed_key(key_id(2)),))
    body = compose_alert(a_finding(a_case(a_predicted_outage("DeleteAccessKey"), evidence))).body
    assert "The owner's key made a key and a listed automation deleted this one: user/alice created" in body


@pytest.mark.parametrize("name", ["unknown-key-none", "temporary-credential", "temporary-credential-expired"])
def test_no_exemption_of_an_id_is_suggested_where_there_is_none_or_it_changes(name: str) -> None:
    case = CASES[name]
    incident = an_incident(case.signal.incident_key)
    body = compose_alert(a_finding(case, incident=incident)).body
    assert "or the network of the callers, see" in body
    assert "exempt this key" not in body


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(CASES)


def test_every_cause_that_can_be_named_has_a_golden_file() -> None:
    named = {a_finding(case).diagnosis.cause for case in CASES.values()}
    assert named == set(Cause) - {Cause.NOT_A_KEY_FAILURE}


@pytest.mark.parametrize("guardrail", DECISIONS)
def test_the_alert_of_each_decision_reads_as_its_golden_file(guardrail: Guardrail) -> None:
    finding = DECISIONS[guardrail]
    assert finding.decision.guardrail == guardrail
    _reads_as(GOLDEN / "decisions" / f"{guardrail}.txt", compose_alert(finding))


@pytest.mark.parametrize("name", FAIL_OVERS)
def test_the_alert_of_each_fail_over_reads_as_its_golden_file(name: str) -> None:
    _reads_as(GOLDEN / "decisions" / f"{name}.txt", compose_alert(FAIL_OVERS[name]))


def test_every_decision_that_is_reported_has_a_golden_file() -> None:
    reported = {finding.decision.action for finding in (*DECISIONS.values(), *FAIL_OVERS.values())}
    assert set(DECISIONS) == set(Guardrail) - NOT_ALERTED
    assert reported == set(Action) - {Action.SUPPRESS}
    assert {path.stem for path in (GOLDEN / "decisions").glob("*.txt")} == {*DECISIONS, *FAIL_OVERS}


@pytest.mark.parametrize("guardrail", [name for name in DECISIONS if name != Guardrail.NONE])
def test_an_alert_claims_no_rotation_that_was_not_started(guardrail: Guardrail) -> None:
    done = _done(compose_alert(DECISIONS[guardrail]).body)
    assert not re.search(r"(?:has|have|was|been) (?:been )?started", done)
    assert re.search(r"nothing (?:more )?(?:was|has been) changed|could not be confirmed", done)


@pytest.mark.parametrize(
    ("changes", "would"),
    [
        (
            {"deactivated_by": DeactivatedBy.AUTOMATION},
            (
                "in mode approve a person would be asked to approve a change,"
                " in mode auto a rotation would be started"
            ),
        ),
        (
            {"deactivated_by": DeactivatedBy.ANYBODY},
            "in mode approve or auto a person would be asked to approve a change",
        ),
        ({"stopped": True}, "in mode approve or auto a change would be refused (kill-switch)"),
    ],
)
def test_in_mode_notify_an_alert_says_what_the_other_modes_would_do(
    changes: dict[str, object], would: str
) -> None:
    body = compose_alert(_enrolled(mode=Mode.NOTIFY, **changes)).body
    assert f"notify: {would}; the mode in effect is notify; nothing was changed" in body


def test_all_that_another_mode_may_do_has_its_words() -> None:
    assert set(CONDITIONAL_WORDING) == set(Action) - {Action.SUPPRESS, Action.NOTIFY}


def test_a_correction_says_that_it_is_one() -> None:
    incident = an_incident(alerts_sent=1, alerted=an_assessment(cause=Cause.UNKNOWN_KEY), rechecked=True)
    alert = compose_alert(a_finding(incident=incident))
    assert "This corrects the earlier alert of this incident, which said unknown-key." in alert.body


def test_attributes_are_those_of_the_interface_and_none_is_empty() -> None:
    assert compose_alert(a_finding()).attributes == {
        "cause": "key-inactive",
        "decision": "notify",
        "severity": "high",
        "owner": "alice",
        "account": "123456789012",
        "region": "eu-central-1",
        "contact": "-",
    }


def test_an_accepted_contact_is_an_attribute_as_it_is_and_any_other_text_is_none() -> None:
    for owner, contact in ((TAGGED_USER, "payments@example.com"), (FOREIGN_CONTACT, "-"), (ALICE, "-")):
        case = a_case(evidence=an_inactive_key(owner=owner), deployment=CONTACTS)
        assert compose_alert(a_finding(case)).attributes["contact"] == contact


def test_the_subject_names_severity_cause_owner_account_service_and_region() -> None:
    home = replace(HOME, known_accounts={HOME.account: "app-prod"})
    signal = a_signal(region="us-east-1")
    homes = (home, replace(home, known_accounts={}))
    assert [compose_alert(a_finding(a_case(signal, deployment=at))).subject for at in homes] == [
        "[high] key-inactive: alice, app-prod calls refused (sts, us-east-1)",
        "[high] key-inactive: alice, calls refused (sts, us-east-1)",
    ]


def test_the_subject_of_a_prediction_names_the_same() -> None:
    used, unused = (a_case(a_predicted_outage(), an_inactive_key(last_use=use)) for use in (LAST_USE, None))
    assert [compose_alert(a_finding(case)).subject for case in (used, unused)] == [
        "[high] deactivated-in-use: alice, production calls will be refused (sts, eu-central-1)",
        "[high] deactivated-in-use: alice, production calls will be refused",
    ]


@given(cases(), st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_no_subject_loses_its_severity_or_cause(case: Case, name: str, service: str, region: str) -> None:
    long = replace(case.signal, service=service, region=region)
    home = replace(case.deployment, known_accounts={case.signal.account: name})
    finding = a_finding(replace(case, signal=long, deployment=home))
    subject = compose_alert(finding).subject
    assert subject.startswith(f"[{finding.decision.severity}] {finding.diagnosis.cause}: ")
    assert len(subject) <= SUBJECT_LIMIT
    assert all(" " <= character <= "~" for character in subject)
    assert not LINK.search(subject)


def test_an_alert_without_an_owner_or_region_has_a_dash_for_it() -> None:
    attributes = compose_alert(a_finding(a_case(a_signal(region=""), an_unknown_key()))).attributes
    assert (attributes["owner"], attributes["region"]) == ("-", "-")


@pytest.mark.parametrize(
    ("sent", "shown"), [("", "no key id"), (" ", "id withheld"), ("akia", "id withheld")]
)
def test_an_id_that_is_not_shown_is_not_called_absent(sent: str, shown: str) -> None:
    alert = compose_alert(a_finding(a_case(a_signal(sent), Evidence())))
    assert shown in alert.subject
    assert shown in alert.body


def test_many_callers_are_counted_beyond_the_first_three() -> None:
    callers = tuple(a_caller(source=f"198.51.100.{n}") for n in range(5))
    body = compose_alert(a_finding(incident=an_incident(callers=callers, count=9))).body
    assert "from 198.51.100.2," in body
    assert "from 198.51.100.3," not in body
    assert "(and 2 more callers)" in body
    assert "9 calls from" in body


def test_advice_is_cut_after_three_kinds_of_callers() -> None:
    body = compose_alert(a_finding(incident=an_incident(callers=CALLERS_OF_EVERY_KIND))).body
    advice = body.split("LONG TERM\n")[1].split("\n\n")[0].splitlines()
    assert all(word in line for word, line in zip(("OIDC", "a role", "Center"), advice, strict=True))
    assert advice[-1].endswith("(and 2 more for other kinds of callers)")


@pytest.mark.parametrize("name", [name for name in CASES if not CASES[name].signal.predicted_outage])
def test_twenty_callers_of_every_kind_leave_an_alert_within_forty_lines(name: str) -> None:
    case = CASES[name]
    incident = an_incident(case.signal.incident_key, callers=CALLERS_OF_EVERY_KIND, count=20)
    body = compose_alert(a_finding(case, incident)).body
    assert body.count("\n") <= BODY_LIMIT == 40
    assert re.search(r"from 140\.82\.112\.3, .*\n", body)
    assert re.search(r"\(and \d+ more callers\)\n", body)
    without = {Cause.PLACEHOLDER_KEY, Cause.TEMPORARY_CREDENTIAL, Cause.ROOT_KEY}
    has_advice = a_finding(case).diagnosis.cause not in without and name != "malformed-key-secret"
    assert ("LONG TERM" in body) is has_advice
    assert bool(re.search(r"\(and \d more for other kinds of callers\)\n", body)) is has_advice


@given(cases(), st.lists(st.sampled_from(CALLERS_OF_EVERY_KIND), unique=True, max_size=20), st.booleans())
def test_no_alert_is_longer_than_forty_lines(case: Case, callers: list[Caller], corrects: bool) -> None:
    alerted = an_assessment(cause=Cause.UNKNOWN_KEY) if corrects else None
    incident = an_incident(case.signal.incident_key, callers=tuple(callers), alerted=alerted)
    assert compose_alert(a_finding(case, incident)).body.count("\n") <= BODY_LIMIT


@given(ROTATABLE_CASES, st.lists(st.sampled_from(CALLERS_OF_EVERY_KIND), unique=True, max_size=20))
def test_an_alert_that_offers_two_keys_for_removal_is_not_longer_either(
    case: Case, callers: list[Caller]
) -> None:
    owner, key = case.evidence.owner or ALICE, None if case.evidence.key is None else a_listed_key(key_id(2))
    others = (a_listed_key(key_id(3)), *(() if key else (a_listed_key(key_id(4)),)))
    held = replace(case, evidence=replace(case.evidence, owner=owner, key=key, other_keys=others))
    finding = a_finding(case, an_incident(case.signal.incident_key, callers=tuple(callers)))
    decision = with_removable_keys(finding.decision, held, ("one", "another"), ("x created it",) * 3)
    body = compose_alert(replace(finding, decision=decision)).body
    assert body.count("delete-access-key") == 2
    assert body.count("\n") <= BODY_LIMIT


def test_the_console_of_another_partition_is_linked_in_that_partition() -> None:
    body = compose_alert(a_finding(a_case(deployment=replace(HOME, partition="aws-cn")))).body
    assert "https://console.amazonaws.cn/iam/home#/users/details/alice" in body
    assert "https://cn-north-1.console.amazonaws.cn/cloudtrailv2/" in body


hostile = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=300))


@given(hostile, hostile, hostile, hostile, hostile, hostile)
def test_no_text_of_a_caller_breaks_the_alerts_limits_or_smuggles_a_link_or_a_line(
    agent: str, message: str, service: str, operation: str, region: str, principal: str
) -> None:
    signal = a_signal(
        error_message=f"{REFUSED} {message}",
        service=service,
        operation=operation,
        region=region,
        principal=principal,
    )
    callers = (a_caller(source=agent, user_agent=agent),)
    change = replace(a_change("UpdateAccessKey", status="Inactive"), by=principal)
    for key, evidence in (
        (key_id(), an_inactive_key(history=(change,))),
        (key_id(), an_unknown_key()),
        ("", Evidence()),
    ):
        calm = compose_alert(a_finding(a_case(a_signal(key), evidence)))
        hostile_case = a_case(replace(signal, access_key_id=key), evidence)
        alert = compose_alert(
            a_finding(hostile_case, an_incident(hostile_case.signal.incident_key, callers=callers))
        )
        assert len(alert.subject) <= SUBJECT_LIMIT
        assert all(" " <= character <= "~" for character in alert.subject)
        assert not LINK.search(alert.subject)
        assert alert.body.count("\n") == calm.body.count("\n") <= BODY_LIMIT
        assert all(character == "\n" or " " <= character <= "~" for character in alert.body)
        assert not [line for line in _in_prose(alert.body) if LINK.search(line)]


@given(IAM_NAMES)
def test_no_user_name_makes_a_link_other_than_our_own(name: str) -> None:
    owner = replace(ALICE, name=name)
    alert = compose_alert(a_finding(a_case(evidence=an_inactive_key(owner=owner))))
    ours = re.compile(r"https://\S+")
    assert len(alert.subject) <= SUBJECT_LIMIT
    assert not LINK.search(alert.subject)
    assert [line for line in alert.body.splitlines() if "update-access-key" in line]
    foreign = [line for line in alert.body.splitlines() if re.search(r"[a-zA-Z0-9][.@][a-zA-Z]", line)]
    assert [line for line in foreign if not ours.search(line)] == []


def _reads_as(golden: Path, alert: Alert) -> None:
    text = f"Subject: {alert.subject}\n\n{alert.body}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(text)
    assert text == golden.read_text()


def _done(body: str) -> str:
    return body.split("WHAT WAS DONE\n")[1].split("\n\n", maxsplit=1)[0]


def _in_prose(body: str) -> list[str]:
    """All but the commands and the links, which are ours; times and addresses are no links either."""
    sections = body.split("\n\n")
    prose = [section for section in sections if not section.startswith(("WHAT TO RUN", "WHERE TO LOOK"))]
    lines = "\n".join(prose).splitlines()
    return [re.sub(r"\d{2}:\d{2}:\d{2}|from [0-9a-f.:]+,|WHY: ", "", line) for line in lines]


def test_an_alert_about_a_report_says_that_the_reporter_is_only_claimed() -> None:
    reporters = tuple(a_caller(REPORTED, f"ci-{number}, key from env") for number in (7, 8))
    signal = a_signal(principal="", caller=reporters[0])
    incident = an_incident(callers=reporters, other_calls={REPORTED: 3})
    body = compose_alert(a_finding(a_case(signal), incident)).body
    assert "from a report that says it is ci-7, key from env (and 3 calls in other reports)\n" in body
    assert "from a report that says it is ci-8, key from env\n" in body


def test_an_alert_about_a_reported_malformed_id_names_no_principal() -> None:
    signal = a_signal("", stated_flaw="it has a tab at position 3", principal="", caller=a_caller(REPORTED))
    body = compose_alert(a_finding(a_case(signal, Evidence()), an_incident(signal.incident_key))).body
    assert "id withheld: a program reported the call, and only its account is certain" in body
    assert "principal" not in body
    assert "it has a tab at position 3" in body
