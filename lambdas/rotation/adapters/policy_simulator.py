"""Whether a user's own policies let it read a secret, by IAM's policy simulator.

The simulator is asked about the secret and its replicas, whose ARNs differ from the secret's in the region
alone (Secrets Manager user guide, "Replicate secrets across Regions").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.domain.iam import IamUser
from lambdas.aws.domain.times import iso

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import ContextEntryTypeDef, EvaluationResultTypeDef

# Without this permission nobody reads a secret. The permission to decrypt is not simulated: a secret under
# AWS's own key needs none (Secrets Manager user guide, "Secret encryption and decryption").
_READ = "secretsmanager:GetSecretValue"
_DENIED = frozenset({"implicitDeny", "explicitDeny"})


class IamPolicySimulator:
    def __init__(
        self,
        clients: Clients,
        *,
        users_arn: str,  # the ARN of every user without its path and name
        clock: Callable[[], datetime],
    ) -> None:
        self._clients = clients
        self._users_arn = users_arn
        self._clock = clock

    def may_read(self, secret_name: str, user: IamUser) -> bool:
        return self._may_read(secret_name, user, [])

    def may_session_read(self, secret_name: str, user: IamUser) -> bool:
        """Asks about a session that was created just now. Older ones may do the same, unless a policy depends
        on their age.
        """
        session: ContextEntryTypeDef = {
            "ContextKeyName": "aws:TokenIssueTime",
            "ContextKeyType": "date",
            "ContextKeyValues": [iso(self._clock())],
        }
        return self._may_read(secret_name, user, [session])

    def _may_read(self, secret_name: str, user: IamUser, context: list[ContextEntryTypeDef]) -> bool:
        with aws_errors("secretsmanager:DescribeSecret"):
            secret = self._clients.secrets.describe_secret(SecretId=secret_name)
        replicas = (replica["Region"] for replica in secret.get("ReplicationStatus", ()))
        secret_arns = [secret["ARN"], *(_in_region(secret["ARN"], region) for region in replicas)]
        with aws_errors("iam:SimulatePrincipalPolicy"):
            results = list(self._simulated(f"{self._users_arn}{user.path}{user.name}", secret_arns, context))
        return not results or not all(map(_is_denied, results))

    def _simulated(
        self, user_arn: str, secret_arns: list[str], context: list[ContextEntryTypeDef]
    ) -> Iterator[EvaluationResultTypeDef]:
        pages = self._clients.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=user_arn, ActionNames=[_READ], ResourceArns=secret_arns, ContextEntries=context
        )
        for page in pages:
            yield from page["EvaluationResults"]


def _in_region(arn: str, region: str) -> str:
    return ":".join([*arn.split(":")[:3], region, *arn.split(":")[4:]])


def _is_denied(result: EvaluationResultTypeDef) -> bool:
    """A denial does not count if the simulator lacked context values (a source address, a tag, MFA): a real
    request has them (IAM API reference, EvaluationResult, MissingContextValues).
    """
    of_resources = result.get("ResourceSpecificResults", [])
    decisions = {result["EvalDecision"], *(one["EvalResourceDecision"] for one in of_resources)}
    missing = [*result.get("MissingContextValues", [])]
    missing += [key for one in of_resources for key in one.get("MissingContextValues", [])]
    return decisions <= _DENIED and not missing
