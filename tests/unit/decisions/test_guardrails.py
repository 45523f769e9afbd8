"""The guardrails, for all combinations of their inputs, against the documented order."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from lambdas.aws.domain.principals import OWN_TEST_AGENT
from lambdas.decisions.domain.decision import decide
from lambdas.decisions.domain.guardrails import Action, Guardrail, apply_guardrails, consumer_is_stale
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Confidence, Diagnosis
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.rotation.domain.deactivation import DeactivatedBy
from lambdas.rotation.domain.fail_overs import BorrowedKey
from lambdas.rotation.domain.modes import Mode, parse_mode
from lambdas.rotation.domain.rotation_context import Backup, Previous, RotationContext
from tests.support.builders import NOON, a_caller, a_case, a_signal, an_inactive_key

ROTATABLE = (Cause.KEY_INACTIVE, Cause.KEY_DELETED, Cause.SUPERSEDED_KEY, Cause.DEACTIVATED_IN_USE)
NOT_ROTATABLE = (Cause.USER_DELETED, Cause.USER_DELETED_IN_USE)
OTHERS = tuple(cause for cause in Cause if cause not in {*ROTATABLE, *NOT_ROTATABLE, Cause.DELETED_IN_USE})
ENROLLED = RotationContext(mode=Mode.AUTO, deployment_mode=Mode.AUTO, secret_name="access-keys/alice")
PREVIOUS = Previous(access_key_id="AKIAOLD", version="version-1", current_version="version-2")
BACKUP = Backup(user_name="bob", function_name="FailOver")
FLAGS = (
    "live_key",
    "stopped",
    "in_cooldown",
    "budget_spent",
    "no_room",
    "denied",
    "flaw",
    "automation",
    "previous",
    "backup",
)
MODES = tuple(itertools.product(Mode, Mode))


def an_enrolment(
    modes: tuple[Mode, Mode], flags: tuple[bool, ...], *, is_gone: bool = False
) -> RotationContext:
    on = dict(zip(FLAGS, flags, strict=True))
    return RotationContext(
        mode=modes[0],
        deployment_mode=modes[1],
        secret_name="access-keys/alice",
        live_key="AKIA" if on["live_key"] else "",
        stopped=on["stopped"],
        in_cooldown=on["in_cooldown"],
        budget_spent=on["budget_spent"],
        has_free_slot=not on["no_room"],
        creation_denied=on["denied"],
        binding_refusal="the secret names no user" if on["flaw"] else "",
        deactivated_by=DeactivatedBy.AUTOMATION if on["automation"] else DeactivatedBy.ANYBODY,
        previous=PREVIOUS if on["previous"] else None,
        backup=BACKUP if on["backup"] else None,
        is_gone=is_gone,
    )


def promised(
    modes: tuple[Mode, Mode], flags: tuple[bool, ...], *, trusts_all_actors: bool
) -> tuple[Action, Guardrail]:
    """The documented order, for a cause that rotation fixes and an enrolled user. The limits on the creation
    of keys do not limit a fail-over.
    """
    on = dict(zip(FLAGS, flags, strict=True))
    fails_over = on["previous"] or (on["backup"] and on["no_room"])
    rotates = not fails_over
    guardrails = (
        (on["live_key"], Action.NOTIFY, Guardrail.CONSUMER_IS_STALE),
        (Mode.NOTIFY in modes, Action.NOTIFY, Guardrail.MODE_NOTIFY),
        (on["stopped"], Action.REFUSE, Guardrail.KILL_SWITCH),
        (rotates and on["in_cooldown"], Action.REFUSE, Guardrail.COOLDOWN),
        (rotates and on["budget_spent"], Action.REFUSE, Guardrail.BUDGET),
        (rotates and on["no_room"], Action.REFUSE, Guardrail.NO_SLOT),
        (rotates and on["denied"], Action.REFUSE, Guardrail.CREATION_DENIED),
        (on["flaw"], Action.REFUSE, Guardrail.BINDING),
        (
            not on["automation"] and not trusts_all_actors,
            Action.REQUEST_APPROVAL,
            Guardrail.SWITCHED_OFF_BY_A_PERSON,
        ),
        (Mode.APPROVE in modes, Action.REQUEST_APPROVAL, Guardrail.MODE_APPROVE),
        (fails_over, Action.FAIL_OVER, Guardrail.NONE),
        (True, Action.ROTATE, Guardrail.NONE),
    )
    return next((action, guardrail) for applies, action, guardrail in guardrails if applies)


@pytest.mark.parametrize("modes", MODES)
@pytest.mark.parametrize("trusts_all_actors", [False, True])
def test_the_first_guardrail_that_applies_decides_in_every_combination(
    modes: tuple[Mode, Mode], trusts_all_actors: bool
) -> None:
    for flags in itertools.product([False, True], repeat=len(FLAGS)):
        evidence = an_inactive_key(rotation_context=an_enrolment(modes, flags))
        for cause in (*ROTATABLE, Cause.DELETED_IN_USE):
            result = apply_guardrails(cause, evidence, trusts_all_actors=trusts_all_actors)
            assert (result.action, result.guardrail) == promised(
                modes, flags, trusts_all_actors=trusts_all_actors
            )
            assert result.reason


@pytest.mark.parametrize("cause", OTHERS)
def test_enrolment_does_not_change_the_decision_on_other_causes(cause: Cause) -> None:
    with_it = apply_guardrails(cause, Evidence(rotation_context=ENROLLED))
    assert with_it == apply_guardrails(cause, Evidence())
    assert with_it.action in {Action.SUPPRESS, Action.NOTIFY}


@pytest.mark.parametrize("cause", NOT_ROTATABLE)
def test_no_key_of_a_deleted_user_is_rotated(cause: Cause) -> None:
    assert (
        apply_guardrails(cause, Evidence(rotation_context=ENROLLED)).guardrail
        is Guardrail.ROTATION_CANNOT_MEND
    )


@pytest.mark.parametrize("cause", Cause)
def test_an_exemption_suppresses_everything_except_exposed_keys(cause: Cause) -> None:
    flags = (False,) * len(FLAGS)
    for enrolment, policy, exposed in itertools.product(
        (None, *(an_enrolment(modes, flags) for modes in MODES)), ("", "Quarantine"), (False, True)
    ):
        evidence = Evidence(rotation_context=enrolment, quarantine_policy=policy)
        result = apply_guardrails(cause, evidence, exposed=exposed, exempt="exempt by user:alice")
        if cause in {Cause.NOT_A_KEY_FAILURE, Cause.QUARANTINED_KEY} or policy or exposed:
            assert result == apply_guardrails(cause, evidence)
        else:
            assert result == (Action.SUPPRESS, Guardrail.EXEMPT, "exempt by user:alice")


@pytest.mark.parametrize("cause", NOT_ROTATABLE)
@pytest.mark.parametrize("modes", MODES)
def test_the_same_guardrails_apply_to_a_deleted_user_whose_secret_may_borrow_a_key(
    cause: Cause, modes: tuple[Mode, Mode]
) -> None:
    for flags in itertools.product([False, True], repeat=len(FLAGS)):
        on = dict(zip(FLAGS, flags, strict=True))
        if on["previous"]:
            continue  # a deleted user has no key
        enrolment = an_enrolment(modes, flags, is_gone=True)
        result = apply_guardrails(cause, Evidence(rotation_context=enrolment))
        assert result.action is not Action.ROTATE
        if on["live_key"] or on["backup"]:
            borrowing = replace(enrolment, has_free_slot=False)
            as_borrower = tuple(value or name == "no_room" for name, value in on.items())
            assert result == apply_guardrails(Cause.KEY_INACTIVE, Evidence(rotation_context=borrowing))
            assert (result.action, result.guardrail) == promised(modes, as_borrower, trusts_all_actors=False)
        else:
            assert result.guardrail is Guardrail.ROTATION_CANNOT_MEND


@pytest.mark.parametrize(
    ("enrolment", "begins"),
    [
        (replace(ENROLLED, previous=PREVIOUS), "aws secretsmanager update-secret-version-stage"),
        (replace(ENROLLED, backup=BACKUP, has_free_slot=False), "printf %s '"),
        (replace(ENROLLED, backup=BACKUP), "aws secretsmanager rotate-secret"),
    ],
)
def test_an_approval_is_one_command(enrolment: RotationContext, begins: str) -> None:
    case = a_case(evidence=an_inactive_key(rotation_context=enrolment))
    diagnosis = Diagnosis(cause=Cause.KEY_INACTIVE, confidence=Confidence.CERTAIN, facts=("x",))
    decision = decide(case, diagnosis)
    assert decision.action is Action.REQUEST_APPROVAL
    (remedy,) = decision.remedies
    (command,) = remedy.commands
    assert command.startswith(begins)
    assert "access-keys/alice" in command


def test_nothing_is_changed_for_a_user_who_is_not_enrolled() -> None:
    assert {apply_guardrails(cause, Evidence()).guardrail for cause in ROTATABLE} == {Guardrail.NOT_ENROLLED}


@pytest.mark.parametrize("text", ["", "AUTO", "yes", "auto "])
def test_an_unknown_mode_is_read_as_notify(text: str) -> None:
    assert parse_mode(text) is Mode.NOTIFY


@pytest.mark.parametrize(
    ("enrolment", "severity"),
    [
        (replace(ENROLLED, deactivated_by=DeactivatedBy.AUTOMATION), "medium"),
        (replace(ENROLLED, deactivated_by=DeactivatedBy.AUTOMATION, previous=PREVIOUS), "medium"),
        (ENROLLED, "critical"),
        (replace(ENROLLED, stopped=True), "critical"),
        (replace(ENROLLED, live_key="AKIA"), "high"),
    ],
)
def test_an_enrolled_user_whose_secret_has_no_working_key_is_critical(
    enrolment: RotationContext, severity: str
) -> None:
    case = a_case(evidence=an_inactive_key(rotation_context=enrolment))
    diagnosis = Diagnosis(cause=Cause.KEY_INACTIVE, confidence=Confidence.CERTAIN, facts=("x",))
    assert decide(case, diagnosis).severity == severity


@pytest.mark.parametrize(
    ("agent", "action"), [(f"Boto3/1.43 {OWN_TEST_AGENT}", Action.SUPPRESS), ("Boto3/1.43", Action.NOTIFY)]
)
def test_a_rotations_own_test_of_a_new_key_is_suppressed(agent: str, action: Action) -> None:
    case = a_case(a_signal(caller=a_caller(user_agent=agent)))
    diagnosis = Diagnosis(cause=Cause.KEY_NOT_PROPAGATED, confidence=Confidence.LIKELY, facts=("x",))
    assert decide(case, diagnosis).action is action


def test_a_faked_user_agent_does_not_hide_an_inactive_key() -> None:
    case = a_case(a_signal(caller=a_caller(user_agent=OWN_TEST_AGENT)))
    diagnosis = Diagnosis(cause=Cause.KEY_INACTIVE, confidence=Confidence.CERTAIN, facts=("x",))
    assert decide(case, diagnosis).action is Action.NOTIFY


@pytest.mark.parametrize(
    "enrolment",
    [
        replace(ENROLLED, budget_spent=True),
        replace(ENROLLED, in_cooldown=True),
        replace(ENROLLED, has_free_slot=False),
        replace(ENROLLED, stopped=True),
        ENROLLED,  # a person must approve
        replace(ENROLLED, mode=Mode.APPROVE, deactivated_by=DeactivatedBy.AUTOMATION),
    ],
)
def test_of_a_secret_that_is_being_rotated_nothing_says_that_nothing_was_changed(
    enrolment: RotationContext,
) -> None:
    for is_rotating in (False, True):
        evidence = an_inactive_key(rotation_context=replace(enrolment, is_rotating=is_rotating))
        reason = apply_guardrails(Cause.KEY_INACTIVE, evidence).reason
        assert ("another rotation of the secret is under way" in reason) is is_rotating
        assert ("nothing" in reason) is not is_rotating


def test_a_secret_with_a_borrowed_key_says_whose_it_is_and_since_when() -> None:
    loan = BorrowedKey(access_key_id="AKIALENT", lender="ci-backup", since=NOON)
    _, _, reason = consumer_is_stale("access-keys/ci", "AKIALENT", loan)
    assert "lent by the backup user ci-backup since 2026-03-14 12:00:00 UTC" in reason
    assert "nothing was changed" not in reason
