"""Who may send to a queue, a topic or a bus: its policy denies everybody else.

Within an account, an IAM policy that allows an action on `*` is enough. Only an explicit deny excludes those
who have one.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from aws_cdk import IStableAnyProducer, Lazy
from aws_cdk.aws_iam import Effect, PolicyStatement, StarPrincipal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aws_cdk.aws_iam import IRole

DENIAL = "OnlyItsSendersMaySend"


@jsii.implements(IStableAnyProducer)
class Senders:
    """Roles, and resources (rules, topics, alarms) on whose behalf a service sends.

    They are added after the queue, topic or bus exists, because rules and functions need its ARN.
    """

    def __init__(self, operator_roles: Iterable[str]) -> None:
        self._roles = [*operator_roles]
        self._resources: list[str] = []

    def add_role(self, role: IRole) -> None:
        self.add_role_arn(role.role_arn)

    def add_role_arn(self, arn: str) -> None:
        if arn not in self._roles:
            self._roles.append(arn)

    def add_resource(self, arn: str) -> None:
        if arn not in self._resources:
            self._resources.append(arn)

    def denial(self, action: str, resource: str) -> PolicyStatement:
        """A request that a principal signed has `aws:PrincipalArn`, which for a session is the ARN of its
        role. One that a service makes for itself has `aws:SourceArn`. A negated condition holds if its key is
        missing, and all keys of a condition must hold.
        """
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
        return PolicyStatement(
            sid=DENIAL,
            effect=Effect.DENY,
            principals=[StarPrincipal()],
            actions=[action],
            resources=[resource],
            conditions={"ArnNotLike": Lazy.any(self)},
        )

    def produce(self) -> dict[str, list[str]]:
        """The condition's keys and values, read at synthesis."""
        allowed = {"aws:PrincipalArn": self._roles, "aws:SourceArn": self._resources}
        return {key: values for key, values in allowed.items() if values}
