"""A Lambda function of the stack: the common zip, runtime and settings, its own log group and role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Aws, RemovalPolicy, Validations
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Function, Runtime
from aws_cdk.aws_logs import LogGroup

from infra.functions.log_retention import retention
from lambdas.observability import NAMESPACE, SERVICE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_cdk import Duration
    from aws_cdk.aws_lambda import RecursiveLoop
    from constructs import Construct

    from infra.resources import StackResources
    from lambdas.settings import Settings

USERS = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:user/*"
ROLES = f"arn:{Aws.PARTITION}:iam::{Aws.ACCOUNT_ID}:role/*"
MEMORY_MIB = 256


def execution_role(scope: Construct, construct_id: str) -> Role:
    return Role(scope, construct_id, assumed_by=ServicePrincipal("lambda.amazonaws.com"))


class PythonFunction(Function):
    def __init__(  # noqa: PLR0913 - each is named by its caller
        self,
        scope: Construct,
        construct_id: str,
        *,
        resources: StackResources,
        description: str,
        handler_module: str,
        timeout: Duration,
        settings: Settings,
        role: Role | None = None,
        recursive_loop: RecursiveLoop | None = None,
    ) -> None:
        role = role or execution_role(scope, f"{construct_id}Role")
        log_group = LogGroup(
            scope,
            f"{construct_id}Logs",
            retention=retention(resources.config.log_retention_seconds),
            removal_policy=RemovalPolicy.DESTROY,
        )
        # AWSLambdaBasicExecutionRole would allow writing to every log group of the account.
        log_group.grant_write(role)
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=resources.code,
            handler=f"lambdas.handlers.{handler_module}.handler",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            memory_size=MEMORY_MIB,
            timeout=timeout,
            role=role,
            log_group=log_group,
            recursive_loop=recursive_loop,
            environment={
                "POWERTOOLS_SERVICE_NAME": SERVICE,
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                **settings.to_env(),
            },
        )
        self.resources = resources
        self.execution_role = role

    def allow(
        self,
        actions: list[str],
        *,
        on: str | list[str],
        when: Mapping[str, Mapping[str, object]] | None = None,
        wildcard_reason: str = "",
    ) -> None:
        """Grants exactly these actions; a table's own `grant` would add all of its indexes. cdk-nag requires
        a `wildcard_reason` where the resource ends in a wildcard.
        """
        resources = [on] if isinstance(on, str) else on
        self.add_to_role_policy(PolicyStatement(actions=actions, resources=resources, conditions=when))
        if wildcard_reason:
            finding = f"AwsSolutions-IAM5[Resource::{_as_written_by_cdk_nag(*resources)}]"
            reason = Acknowledgment(id=finding, reason=wildcard_reason)
            Validations.of(self.execution_role).acknowledge(reason)

    def allow_reading_iam(self, actions: list[str]) -> None:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        # A narrower grant failed for a missing user: https://github.com/cloud-gov/terraform-provision/pull/1923
        self.allow(
            actions,
            on="*",
            wildcard_reason="The users and keys may be deleted or unknown, so IAM has no ARN to match. A "
            "narrower grant would answer AccessDenied, as if the permission were missing. "
            "GetAccountAuthorizationDetails and ListUsers support no resource at all. All of these actions "
            "only read.",
        )


def _as_written_by_cdk_nag(arn: str) -> str:
    for token, name in (
        (Aws.PARTITION, "<AWS::Partition>"),
        (Aws.REGION, "<AWS::Region>"),
        (Aws.ACCOUNT_ID, "<AWS::AccountId>"),
    ):
        arn = arn.replace(token, name)
    return arn
