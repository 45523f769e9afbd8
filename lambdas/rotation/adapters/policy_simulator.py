"""Whether a user's own policies let it read a secret, by IAM's policy simulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lambdas.aws.adapters.client_errors import aws_errors
from lambdas.aws.adapters.clients import Clients
from lambdas.aws.domain.iam import IamUser

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import EvaluationResultTypeDef

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
    ) -> None:
        self._clients = clients
        self._users_arn = users_arn

    def may_read(self, secret_name: str, user: IamUser) -> bool:
        with aws_errors("secretsmanager:DescribeSecret"):
            secret_arn = self._clients.secrets.describe_secret(SecretId=secret_name)["ARN"]
        with aws_errors("iam:SimulatePrincipalPolicy"):
            results = list(self._simulated(f"{self._users_arn}{user.path}{user.name}", secret_arn))
        return not results or not all(map(_is_denied, results))

    def _simulated(self, user_arn: str, secret_arn: str) -> Iterator[EvaluationResultTypeDef]:
        pages = self._clients.iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=user_arn, ActionNames=[_READ], ResourceArns=[secret_arn]
        )
        for page in pages:
            yield from page["EvaluationResults"]


def _is_denied(result: EvaluationResultTypeDef) -> bool:
    """A denial does not count if the simulator lacked context values (a source address, a tag, MFA): a real
    request has them (IAM API reference, EvaluationResult, MissingContextValues).
    """
    of_resources = result.get("ResourceSpecificResults", [])
    decisions = {result["EvalDecision"], *(one["EvalResourceDecision"] for one in of_resources)}
    missing = [*result.get("MissingContextValues", [])]
    missing += [key for one in of_resources for key in one.get("MissingContextValues", [])]
    return decisions <= _DENIED and not missing
