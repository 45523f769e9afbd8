"""What `make release`, `make destroy` and `make adopt` ask, choose and change, in a world of fakes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from lambdas.errors import TransientError
from lambdas.rotation.domain.rotation_state import RotationState, Superseded
from local import adopt, destroy, leftovers, release
from local.account import Account, is_confirmed, reporting_errors
from tests.support.builders import NOON
from tests.support.descriptions import a_description, rotating

if TYPE_CHECKING:
    from lambdas.rotation.domain.secret_description import SecretDescription
    from local.main_stack import Resources

ACCOUNT = Account("123456789012", "eu-west-1")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:rotate-key"
OUTPUTS = {"RotationFunctionArn": FUNCTION, "LedgerTableName": "ledger", "KillSwitchParameter": "/switch"}


@pytest.mark.parametrize(
    ("confirm", "typed", "is_so"),
    [
        ("", "123456789012", True),
        ("", " 123456789012 ", True),
        ("123456789012", "", True),
        ("", "", False),
        ("", "yes", False),
        ("210987654321", "123456789012", False),
    ],
)
def test_only_the_account_id_confirms(confirm: str, typed: str, *, is_so: bool) -> None:
    assert is_confirmed(ACCOUNT, {"CONFIRM": confirm}, lambda _: typed) is is_so


def test_nobody_there_to_answer_confirms_nothing() -> None:
    def ask(_: str) -> str:
        raise EOFError

    assert is_confirmed(ACCOUNT, {}, ask) is False


def test_an_error_of_aws_ends_the_target_with_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    def command() -> int:
        raise TransientError("dynamodb:Scan: AccessDeniedException")

    assert reporting_errors(command) == 1
    assert "AccessDeniedException" in capsys.readouterr().err


@dataclass
class World:
    """Records the calls that change something; `rotated` are the secrets that the function rotates."""

    rotated: list[SecretDescription] = field(default_factory=list)
    states: list[RotationState] = field(default_factory=list)
    outputs: dict[str, str] | None = field(default_factory=lambda: OUTPUTS)
    retained: dict[str, Resources] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    imported: list[Resources] = field(default_factory=list)

    def client(self, _service: str) -> World:
        return self

    def put_parameter(self, **request: object) -> None:
        self.changes.append(f"{request['Name']} {request['Value']}")

    def cancel_rotate_secret(self, SecretId: str) -> None:  # noqa: N803 -- the parameter of the SDK
        self.changes.append(f"cancel {SecretId}")
        self.rotated = [it for it in self.rotated if it.name != SecretId]

    def run_cdk(self, *command: str) -> int:
        self.changes.append(" ".join(command[:2]))
        if command[0] == "import":
            self.imported.append(json.loads(Path(command[-1]).read_text()))
        return 0


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    it = World()
    for name in ("DRY_RUN", "STACK", "RESOURCES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONFIRM", ACCOUNT.account_id)
    monkeypatch.setattr(boto3, "client", it.client)
    nothing_left = leftovers.Findings(leftovers=[], unread=[])
    monkeypatch.setattr(leftovers, "find", lambda *_, **__: nothing_left)
    for module in (release, destroy, adopt):
        monkeypatch.setattr(module, "find_account", lambda: ACCOUNT)
        monkeypatch.setattr(module, "find_outputs", lambda: it.outputs)
        for name, answer in (
            ("find_rotated", lambda *_: [*it.rotated]),
            ("find_states", lambda _: it.states),
            ("find_retained", lambda: it.retained),
            ("run", it.run_cdk),
        ):
            monkeypatch.setattr(module, name, answer, raising=False)
    return it


SECRETS = [a_description("v", f"access-keys/{name}", is_rotation_on=True) for name in ("alice", "bob")]


def test_a_release_stops_all_changes_before_it_ends_rotations(world: World) -> None:
    world.rotated = [*SECRETS]
    assert release.main() == 0
    assert world.changes == ["/switch on", "cancel access-keys/alice", "cancel access-keys/bob"]


def test_a_rotation_under_way_is_left_for_the_next_release(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.rotated = [rotating(SECRETS[0]), SECRETS[1]]
    assert release.main() == 1
    assert world.changes == ["/switch on", "cancel access-keys/bob"]
    assert capsys.readouterr().out.endswith("after it has ended:\n  access-keys/alice\n")


@pytest.mark.parametrize(("variable", "value", "code"), [("DRY_RUN", "1", 0), ("CONFIRM", "210987654321", 1)])
def test_a_release_that_is_not_confirmed_lists_what_it_would_do_and_changes_nothing(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    code: int,
) -> None:
    monkeypatch.setenv(variable, value)
    world.rotated = [*SECRETS]
    waiting = Superseded(access_key_id="AKIAOLD", at=NOON, retire_after=NOON)
    retired = replace(waiting, access_key_id="AKIARETIRED", deactivated_at=NOON)
    world.states = [RotationState(secret_name="access-keys/alice", superseded=(waiting, retired))]
    assert release.main() == code
    said = capsys.readouterr().out
    assert said.startswith("Release the managed secrets of AccessKeyRemediator in account 123456789012, ")
    assert all(it.name in said for it in SECRETS)
    assert ("AKIAOLD, replaced in access-keys/alice" in said, "AKIARETIRED" in said) == (True, False)
    assert world.changes == []


@pytest.mark.parametrize("outputs", [None, {}])
def test_without_a_deployment_there_is_nothing_to_release(
    world: World, outputs: dict[str, str] | None
) -> None:
    world.outputs = outputs
    assert (release.main(), world.changes) == (1, [])


def test_a_deployment_is_removed_only_after_its_secrets_were_released(world: World) -> None:
    world.rotated = [*SECRETS]
    assert (destroy.main(), world.changes) == (1, [])
    world.rotated = []
    assert (destroy.main(), world.changes) == (0, ["destroy --all"])


@pytest.mark.parametrize("outputs", [None, {}])
def test_what_a_failed_deployment_or_an_adoption_has_left_can_be_removed(
    world: World, outputs: dict[str, str] | None
) -> None:
    world.outputs = outputs
    assert (destroy.main(), world.changes) == (0, ["destroy --all"])


def test_a_removal_that_is_not_confirmed_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFIRM", "yes")
    assert (destroy.main(), world.changes) == (1, [])


OLD: Resources = {"Key": {"KeyId": "1"}, "Ledger": {"TableName": "old"}}
NEW: Resources = {"Key": {"KeyId": "2"}, "Ledger": {"TableName": "new"}}
ADOPTIONS = [
    # what, what deleted stacks have retained, the stack that is named, what is imported
    ("one", {"first": OLD}, "", OLD),
    ("the same, retained twice", {"second": OLD, "first": OLD}, "", OLD),
    ("one of two", {"second": NEW, "first": OLD}, "first", OLD),
    ("two", {"second": NEW, "first": OLD}, "", None),
    ("none", {}, "", None),
    ("an unknown one of two", {"second": NEW, "first": OLD}, "third", None),
    ("an unknown one", {"first": OLD}, "third", None),
]


@pytest.mark.parametrize(
    ("what", "retained", "stack", "imported"), ADOPTIONS, ids=[case[0] for case in ADOPTIONS]
)
def test_what_is_adopted_is_never_a_guess(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    retained: dict[str, Resources],
    stack: str,
    imported: Resources | None,
) -> None:
    world.outputs, world.retained = None, retained
    monkeypatch.setenv("STACK", stack)
    assert adopt.main() == (1 if imported is None else 0), what
    assert world.imported == ([] if imported is None else [imported])


def test_resources_that_a_file_names_are_adopted(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    world.outputs = None
    (tmp_path / "resources.json").write_text(json.dumps(OLD))
    monkeypatch.setenv("RESOURCES", str(tmp_path / "resources.json"))
    assert (adopt.main(), world.imported) == (0, [OLD])


@pytest.mark.parametrize("outputs", [{}, OUTPUTS])
def test_nothing_is_adopted_into_a_stack_that_exists_or_without_confirmation(
    world: World, monkeypatch: pytest.MonkeyPatch, outputs: dict[str, str]
) -> None:
    world.outputs, world.retained = outputs, {"first": OLD}
    assert (adopt.main(), world.changes) == (1, [])
    world.outputs = None
    monkeypatch.setenv("CONFIRM", "yes")
    assert (adopt.main(), world.changes) == (1, [])
