"""A decision is executed once for an incident, and reported alike however often its message comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from lambdas.decisions.domain.decision import decide
from lambdas.decisions.domain.guardrails import Action, Guardrail
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.errors import TransientError
from lambdas.ledger.domain.key_entry import KeyEntry
from lambdas.ledger.domain.observation import Observed
from lambdas.ledger.domain.occurrence import recorded
from lambdas.remediation.executor import rotation_token
from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.fail_overs import BorrowedKey, FailOverIntent, FailOverResult
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import Backup, Previous, RotationContext
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.ports import RefusedError
from tests.support.builders import (
    LAST_USE,
    NOON,
    a_case,
    a_listed_key,
    an_assessment,
    an_inactive_key,
    an_incident,
    key_id,
)
from tests.support.fakes import FakeIam, FakeLedger, FakeRotationService
from tests.support.rotation_runs import Run, a_retirer, a_rotator
from tests.support.rotation_scenarios import with_one_key

if TYPE_CHECKING:
    from lambdas.decisions.domain.decision import Decision
    from lambdas.incidents.domain.incident import Incident

SECRET = "access-keys/alice"
ENROLLED = RotationContext(
    mode=Mode.AUTO, deployment_mode=Mode.AUTO, secret_name=SECRET, deactivated_by=DeactivatedBy.AUTOMATION
)
PREVIOUS = Previous(access_key_id="AKIAOLD", version="version-1", current_version="version-2")
BACKUP = Backup(user_name="bob", function_name="FailOver")
INCIDENT = an_incident()
TOKEN = rotation_token(INCIDENT)
DIAGNOSIS = Diagnosis(cause=Cause.KEY_INACTIVE, confidence=Confidence.CERTAIN, facts=("x",))
BACK = FailOverResult(access_key_id="AKIAOLD", since=NOON)
LENT = FailOverResult(access_key_id="AKIABOB", since=NOON, lender="bob")


def acted(
    service: FakeRotationService, enrolment: RotationContext, incident: Incident = INCIDENT
) -> Decision:
    case = a_case(evidence=an_inactive_key(rotation_context=enrolment))
    return service.executor.execute(incident, case, DIAGNOSIS, decide(case, DIAGNOSIS))


def test_the_previous_key_is_used_and_named() -> None:
    service = FakeRotationService(carried=[BACK])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS))
    assert (decision.action, decision.severity) == (Action.FAIL_OVER, "medium")
    assert "AKIAOLD" in decision.reason
    assert service.asked == [(SECRET, "", TOKEN)]
    assert not service.started


def test_the_backups_key_is_lent_and_named_with_how_to_return_it() -> None:
    service = FakeRotationService(carried=[LENT])
    decision = acted(service, replace(ENROLLED, backup=BACKUP, has_free_slot=False))
    assert decision.action is Action.FAIL_OVER
    assert "bob since 2026-03-14" in decision.reason
    assert decision.remedies[0].commands == (f"aws secretsmanager rotate-secret --secret-id={SECRET}",)
    assert service.asked == [(SECRET, "bob", TOKEN)]


def test_where_the_previous_key_does_not_answer_it_is_rotated() -> None:
    service = FakeRotationService(carried=[RefusedError("it does not answer")])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS))
    assert decision.action is Action.ROTATE
    assert "it does not answer" in decision.reason
    assert service.started == {TOKEN: SECRET}


def test_a_rotation_instead_of_a_fail_over_meets_the_guardrails_of_rotations() -> None:
    service = FakeRotationService(carried=[RefusedError("it does not answer")])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS, in_cooldown=True))
    assert (decision.action, decision.guardrail) == (Action.REFUSE, Guardrail.COOLDOWN)
    assert not service.started


def test_without_a_slot_the_backup_comes_after_the_previous_key() -> None:
    service = FakeRotationService(carried=[RefusedError("it does not answer"), LENT])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS, backup=BACKUP, has_free_slot=False))
    assert decision.action is Action.FAIL_OVER
    assert [backup for _, backup, _ in service.asked] == ["", "bob"]


def test_a_fail_over_whose_result_is_unknown_is_reported_and_nothing_else_is_done() -> None:
    service = FakeRotationService(carried=[TransientError("ReadTimeout")])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS))
    assert (decision.action, decision.guardrail) == (Action.REFUSE, Guardrail.NOT_STARTED)
    assert not service.started


def test_a_rotation_that_another_ones_label_blocks_is_reported_with_how_to_remove_it() -> None:
    service = FakeRotationService(pending="another-token")
    decision = acted(service, ENROLLED)
    assert (decision.action, decision.guardrail) == (Action.REFUSE, Guardrail.NOT_STARTED)
    take_off, again = decision.remedies
    assert take_off.commands == (
        (
            f"aws secretsmanager update-secret-version-stage --secret-id={SECRET}"
            " --version-stage AWSPENDING --remove-from-version-id=another-token"
        ),
    )
    assert again.commands == (f"aws secretsmanager rotate-secret --secret-id={SECRET}",)


def test_a_secret_that_names_a_working_key_by_now_has_only_to_be_read() -> None:
    service = FakeRotationService(carried=[replace(BACK, changed=False)])
    decision = acted(service, replace(ENROLLED, previous=PREVIOUS))
    assert decision.guardrail is Guardrail.CONSUMER_IS_STALE


ROTATED = RotationState(secret_name=SECRET, current_key_id="AKIANEW").with_created("AKIANEW", TOKEN, NOON)
WENT_BACK = RotationState(
    secret_name=SECRET,
    current_key_id="AKIAOLD",
    fail_over=FailOverIntent(token=TOKEN, access_key_id="AKIAOLD", at=NOON),
)
BORROWED = replace(
    WENT_BACK,
    current_key_id="AKIABOB",
    fail_over=FailOverIntent(token=TOKEN, access_key_id="AKIABOB", at=NOON),
    loan=BorrowedKey(access_key_id="AKIABOB", lender="bob", since=NOON),
)
IN_THE_WAY = (
    replace(ENROLLED, live_key="AKIANEW"),
    replace(ENROLLED, in_cooldown=True),
    replace(ENROLLED, budget_spent=True),
    replace(ENROLLED, has_free_slot=False),
)


@pytest.mark.parametrize("enrolment", IN_THE_WAY)
@pytest.mark.parametrize(
    ("state", "action", "reported"),
    [
        (ROTATED, Action.ROTATE, "has been started"),
        (WENT_BACK, Action.FAIL_OVER, "AKIAOLD"),
        (BORROWED, Action.FAIL_OVER, "bob"),
    ],
)
def test_a_message_that_comes_again_reports_what_its_own_incident_has_started(
    enrolment: RotationContext, state: RotationState, action: Action, reported: str
) -> None:
    service = FakeRotationService(states={SECRET: state})
    decision = acted(service, enrolment)
    assert decision.action is action
    assert reported in decision.reason
    assert not service.started
    assert not service.asked


@pytest.mark.parametrize("enrolment", IN_THE_WAY)
def test_what_another_incident_has_started_is_the_guardrail_that_it_is(enrolment: RotationContext) -> None:
    service = FakeRotationService(states={SECRET: ROTATED})
    other = an_incident(opened_at="2026-03-15T12:00:01.000000Z")
    assert acted(service, enrolment, other).action in {Action.NOTIFY, Action.REFUSE}


def test_a_later_failure_of_an_evaluated_incident_is_decided_by_current_evidence() -> None:
    service = FakeRotationService(states={SECRET: ROTATED})
    evaluated = an_incident(latest=an_assessment(at=NOON + timedelta(minutes=1)))
    decision = acted(service, replace(ENROLLED, live_key="AKIANEW"), evaluated)
    assert decision.guardrail is Guardrail.CONSUMER_IS_STALE


def without_room(iam: FakeIam, ledger: FakeLedger | None = None) -> Decision:
    service = FakeRotationService(
        iam=iam, carried=[RefusedError("it does not answer")], ledger=ledger or FakeLedger()
    )
    enrolment = replace(ENROLLED, previous=PREVIOUS, has_free_slot=False)
    evidence = an_inactive_key(
        rotation_context=enrolment, last_use=LAST_USE, other_keys=(a_listed_key(key_id(2)),)
    )
    case = a_case(evidence=evidence)
    return service.executor.execute(INCIDENT, case, DIAGNOSIS, decide(case, DIAGNOSIS))


def test_without_a_free_slot_it_names_the_last_use_of_both_keys_and_offers_both_for_removal() -> None:
    iam = FakeIam(users={"alice": {key_id(): "Inactive", key_id(2): "Active"}})
    decision = without_room(iam)
    assert decision.guardrail is Guardrail.NO_SLOT
    assert f"{key_id()} (Inactive, last used with sts in eu-central-1 at" in decision.reason
    assert f"{key_id(2)} (Active, never used)" in decision.reason
    words = [command.split() for one in decision.remedies for command in one.commands]
    assert [[*some[2:4], some[5]] for some in words] == [
        ["delete-access-key", "--user-name=alice", key_id()],
        ["update-access-key", "--user-name=alice", key_id(2)],
        ["delete-access-key", "--user-name=alice", key_id(2)],
    ]
    assert iam.calls == ["GetAccessKeyLastUsed"], "only what gathering has not asked"


def test_without_a_free_slot_it_names_who_creates_a_key_again_and_again() -> None:
    iam = FakeIam(users={"alice": {key_id(): "Inactive", key_id(2): "Active"}})
    ledger = FakeLedger()
    for number in (2, 3):
        ledger.merge_key(
            KeyEntry(
                access_key_id=key_id(number),
                owner_name=Observed(value="alice", at=NOON),
                created_by="user/terraform",
                deletion=recorded(NOON, "user/bob") if number == 3 else None,
            )
        )
    reason = without_room(iam, ledger).reason
    assert f"; user/terraform created {key_id(2)}; user/terraform has created 2 keys of this user" in reason


def test_a_last_use_that_cannot_be_read_is_called_unknown() -> None:
    iam = FakeIam(users={"alice": {key_id(2): "Active"}}, denied={"GetAccessKeyLastUsed"})
    assert f"{key_id(2)} (Active, last use unknown, because IAM did not answer)" in without_room(iam).reason


def test_where_there_is_room_nothing_more_is_asked() -> None:
    service = FakeRotationService()
    acted(service, ENROLLED)
    assert not service.iam.calls


def test_an_incident_whose_rotation_was_abandoned_gets_another_that_can_succeed() -> None:
    world = with_one_key()
    world.label_pending(TOKEN)
    a_rotator(world).create_secret(SECRET, TOKEN)
    for _ in range(3):
        world.now += timedelta(hours=2)
        a_retirer(world).process(SECRET)
    service = FakeRotationService(states=world.states)
    again = an_incident(latest=an_assessment(at=NOON + timedelta(minutes=1)))
    assert acted(service, ENROLLED, again).action is Action.ROTATE
    [token] = service.started
    assert token != TOKEN
    run = Run(world)
    run.rotate(token)
    assert run.completed
    assert acted(service, ENROLLED, again).action is Action.ROTATE
    assert list(service.started) == [token], "it is one rotation, however often it is asked for"
