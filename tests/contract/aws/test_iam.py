"""One contract for IAM's port, held by the fake and by the adapter over moto."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from lambdas.aws.adapters.iam import IamReader
from lambdas.aws.adapters.probe_key import IamProbeKey
from lambdas.aws.domain.iam import Resolved, Unresolved
from lambdas.errors import TransientError
from tests.contract.incidents.test_incidents import Tables
from tests.support.builders import key_id
from tests.support.fakes import FakeIam

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambdas.aws.adapters.clients import Clients
    from lambdas.aws.ports import Iam, ProbeKey

UNKNOWN = key_id(99)


@dataclass
class Account:
    """An account in which alice has an active and an inactive key, and bob has none."""

    iam: Iam
    probe_key: ProbeKey
    active: str
    inactive: str


@pytest.fixture(params=["fake", "moto"])
def account(request: pytest.FixtureRequest) -> Account:
    if request.param == "fake":
        active, inactive = key_id(1), key_id(2)
        users = {"alice": {active: "Active", inactive: "Inactive"}, "bob": {}}
        iam = FakeIam(users=users)
        return Account(iam, iam, active, inactive)
    clients: Clients = request.getfixturevalue("clients")
    for name in ("alice", "bob"):
        clients.iam.create_user(UserName=name)
    active, inactive = (
        clients.iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"] for _ in range(2)
    )
    clients.iam.update_access_key(UserName="alice", AccessKeyId=inactive, Status="Inactive")
    return Account(iam_reader(clients), probe_key(clients), active, inactive)


def iam_reader(clients: Clients) -> IamReader:
    return IamReader(lambda: clients.iam)


def probe_key(clients: Clients) -> IamProbeKey:
    """Creates the lease table unless it exists."""
    if "Leases" not in clients.dynamodb.list_tables()["TableNames"]:
        Tables(clients)
    return IamProbeKey(iam_reader(clients), clients, "Leases")


def test_a_key_resolves_to_its_user_whatever_its_status(account: Account) -> None:
    for key in (account.active, account.inactive):
        answer = account.iam.look_up(key)
        assert isinstance(answer, Resolved)
        assert answer.user_name == "alice"


def test_an_unknown_key_does_not_resolve(account: Account) -> None:
    assert isinstance(account.iam.look_up(UNKNOWN), Unresolved)


def test_the_keys_of_a_user_are_listed_with_their_status(account: Account) -> None:
    keys = account.iam.list_keys("alice")
    assert keys is not None
    assert {key.access_key_id: key.status for key in keys} == {
        account.active: "Active",
        account.inactive: "Inactive",
    }


def test_a_user_without_keys_differs_from_a_user_that_does_not_exist(account: Account) -> None:
    assert account.iam.list_keys("bob") == ()
    assert account.iam.list_keys("nobody") is None


def test_a_user_has_an_id_and_a_missing_user_is_none(account: Account) -> None:
    alice = account.iam.describe("alice")
    assert alice is not None
    assert alice.user_id
    assert account.iam.describe("nobody") is None


def test_a_key_that_exists_confirms_look_ups_whether_it_is_a_candidate_or_has_to_be_found(
    account: Account,
) -> None:
    account.probe_key.confirm_lookup_works([account.active])
    account.probe_key.confirm_lookup_works([])


def test_one_key_that_does_not_resolve_does_not_outweigh_another_that_does(account: Account) -> None:
    account.probe_key.confirm_lookup_works([UNKNOWN])


def test_if_no_existing_key_resolves_nothing_is_confirmed_and_it_fails(clients: Clients) -> None:
    clients.iam.create_user(UserName="alice")
    clients.iam.create_access_key(UserName="alice")
    probe = probe_key(clients)
    denied = client_error("AccessDenied")
    clients.iam.meta.events.register("before-call.iam.GetAccessKeyLastUsed", raising(denied))
    with pytest.raises(TransientError, match="does not resolve a key that exists"):
        probe.confirm_lookup_works([UNKNOWN])


def test_a_user_has_the_time_of_its_creation(clients: Clients) -> None:
    clients.iam.create_user(UserName="carol")
    carol = iam_reader(clients).describe("carol")
    assert carol is not None
    assert carol.created_at is not None


def test_the_quarantine_policy_is_found_by_its_name_among_the_attached_ones(clients: Clients) -> None:
    clients.iam.create_user(UserName="dave")
    iam = iam_reader(clients)
    for name in ("Harmless", "AWSCompromisedKeyQuarantineV3"):
        assert iam.quarantine_policy("dave") == ""
        document = (
            '{"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}'
        )
        policy = clients.iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]["Arn"]
        clients.iam.attach_user_policy(UserName="dave", PolicyArn=policy)
    assert iam.quarantine_policy("dave") == "AWSCompromisedKeyQuarantineV3"
    assert iam.quarantine_policy("nobody") == ""


def test_the_principal_of_a_temporary_credential_exists_or_is_deleted(clients: Clients) -> None:
    clients.iam.create_user(UserName="dave")
    clients.iam.create_role(RoleName="app", Path="/a/b/", AssumeRolePolicyDocument="{}")
    iam = iam_reader(clients)
    principals = ["user/dave", "role/a/b/app", "user/gone", "role/gone", "federated-user/x", "root"]
    assert [iam.principal_exists(principal) for principal in principals] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def test_a_user_has_its_path(clients: Clients) -> None:
    clients.iam.create_user(UserName="carol", Path="/ci/nightly/")
    carol = iam_reader(clients).describe("carol")
    assert carol is not None
    assert carol.path == "/ci/nightly/"


def test_an_answer_without_a_user_name_is_unresolved(clients: Clients) -> None:
    with Stubber(clients.iam) as stub:
        unnamed = {"ServiceName": "N/A", "Region": "N/A"}
        stub.add_response("get_access_key_last_used", {"AccessKeyLastUsed": unnamed})
        assert iam_reader(clients).look_up(UNKNOWN) == Unresolved()


def test_cloudtrail_is_asked_in_iams_home_region_wherever_the_function_runs(
    clients: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert clients.trail("us-east-1").meta.region_name == "us-east-1"
    assert clients.sns.meta.region_name == "eu-central-1"


def test_an_account_without_any_key_needs_no_probe_key(clients: Clients) -> None:
    clients.iam.create_user(UserName="bob")
    probe_key(clients).confirm_lookup_works([])


def calls_to_iam(clients: Clients) -> list[str]:
    calls: list[str] = []
    clients.iam.meta.events.register("before-call.iam", lambda model, **_: calls.append(model.name))
    return calls


def test_the_search_for_a_probe_key_skips_users_without_keys_and_its_result_is_stored(
    clients: Clients,
) -> None:
    for number in range(5):
        clients.iam.create_user(UserName=f"user{number}")
    clients.iam.create_access_key(UserName="user4")
    calls = calls_to_iam(clients)
    probe_key(clients).confirm_lookup_works([])
    probe_key(clients).confirm_lookup_works([])
    assert calls.count("ListUsers") == 1
    assert calls.count("ListAccessKeys") == 5
    assert calls[-1] == "GetAccessKeyLastUsed"


def test_look_ups_that_work_are_tried_once_an_hour(clients: Clients) -> None:
    now = 0.0
    clients.iam.create_user(UserName="alice")
    clients.iam.create_access_key(UserName="alice")
    probe_key(clients).confirm_lookup_works([])
    probe = IamProbeKey(iam_reader(clients), clients, "Leases", clock=lambda: now)
    calls = calls_to_iam(clients)
    for minute in range(120):
        now = minute * 60.0
        probe.check_lookup_works()
    assert calls == ["GetAccessKeyLastUsed"] * 2


def test_look_ups_that_fail_are_tried_again_at_once(clients: Clients) -> None:
    clients.iam.create_user(UserName="alice")
    clients.iam.create_access_key(UserName="alice")
    probe = probe_key(clients)
    probe.confirm_lookup_works([])
    with Stubber(clients.iam) as stub:
        for _ in range(2):
            stub.add_client_error("get_access_key_last_used", "AccessDenied")
            stub.add_client_error("list_users", "AccessDenied")
        for _ in range(2):
            with pytest.raises(TransientError):
                probe.check_lookup_works()


def test_without_a_probe_key_the_next_one_to_be_stored_is_tried_at_once(clients: Clients) -> None:
    probe = probe_key(clients)
    probe.check_lookup_works()
    clients.iam.create_user(UserName="alice")
    clients.iam.create_access_key(UserName="alice")
    probe_key(clients).confirm_lookup_works([])
    calls = calls_to_iam(clients)
    probe.check_lookup_works()
    assert calls == ["GetAccessKeyLastUsed"]


def test_a_stored_probe_key_that_was_deleted_is_replaced_and_proves_nothing(clients: Clients) -> None:
    for name in ("alice", "bob"):
        clients.iam.create_user(UserName=name)
    first = clients.iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    probe_key(clients).confirm_lookup_works([])
    clients.iam.delete_access_key(UserName="alice", AccessKeyId=first)
    clients.iam.create_access_key(UserName="bob")
    calls = calls_to_iam(clients)
    probe_key(clients).confirm_lookup_works([])
    probe_key(clients).confirm_lookup_works([])
    assert calls.count("ListUsers") == 1


def raising(error: Exception) -> Callable[..., None]:
    def fail(**_: object) -> None:
        raise error

    return fail


class Refusing:
    """An IAM client whose every call fails with the same error."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _: str) -> Callable[..., Any]:
        return self._fail

    def _fail(self, *_: object, **__: object) -> None:
        raise self._error


def refusing(error: Exception) -> IamReader:
    return IamReader(lambda: Refusing(error))  # type: ignore[arg-type, return-value]


def client_error(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "..."}}, "AnyOperation")


@pytest.mark.parametrize(
    "error",
    [
        client_error("Throttling"),
        client_error("ServiceFailure"),
        client_error("InvalidClientTokenId"),
        client_error("AccessDeniedButOtherwise"),
        client_error(""),
        EndpointConnectionError(endpoint_url="https://iam.amazonaws.com"),
    ],
)
def test_any_other_error_of_a_look_up_is_transient_and_never_a_fact(error: Exception) -> None:
    with pytest.raises(TransientError):
        refusing(error).look_up(UNKNOWN)


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "Throttling"])
def test_a_denied_listing_is_transient_and_never_reads_as_an_absent_user(code: str) -> None:
    iam = refusing(client_error(code))
    for ask in (iam.list_keys, iam.describe, iam.quarantine_policy):
        with pytest.raises(TransientError):
            ask("alice")


@pytest.mark.parametrize(
    "code", ["AccessDenied", "AccessDeniedException", "NoSuchEntity", "NoSuchEntityException"]
)
def test_both_answers_that_aws_is_known_to_give_for_an_unknown_key_are_unresolved(code: str) -> None:
    assert refusing(client_error(code)).look_up(UNKNOWN) == Unresolved()
