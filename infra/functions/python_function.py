"""What all functions share: one zip, their runtime, their logs, and a role that may do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import (
    Acknowledgment,
    AssetHashType,
    Aws,
    BundlingOptions,
    DockerImage,
    RemovalPolicy,
    Validations,
)
from aws_cdk.aws_iam import PolicyStatement, Role, ServicePrincipal
from aws_cdk.aws_lambda import Architecture, Code, Function, Runtime
from aws_cdk.aws_logs import LogGroup

from infra.functions.bundling import LAMBDAS, LocalBundling
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


def functions_code() -> Code:
    """The zip of every function of a stack, named by its content."""
    never_used = DockerImage.from_registry("none")
    return Code.from_asset(
        str(LAMBDAS),
        asset_hash_type=AssetHashType.OUTPUT,
        bundling=BundlingOptions(image=never_used, local=LocalBundling()),
    )


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
        # Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
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
        """Not a table's `grant`, which would add all of its indexes. Where a resource ends in a wildcard,
        cdk-nag is given the reason.
        """
        resources = [on] if isinstance(on, str) else on
        self.add_to_role_policy(PolicyStatement(actions=actions, resources=resources, conditions=when))
        if wildcard_reason:
            finding = f"AwsSolutions-IAM5[Resource::{_as_written_by_cdk_nag(*resources)}]"
            reason = Acknowledgment(id=finding, reason=wildcard_reason)
            Validations.of(self.execution_role).acknowledge(reason)

    def allow_reading_iam(self, actions: list[str]) -> None:
        # https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
        # https://github.com/cloud-gov/terraform-provision/pull/1923 met a missing user with a narrower grant.
        self.allow(
            actions,
            on="*",
            wildcard_reason="IAM is asked for users and keys that may be gone, or belong to nobody here. "
            "It has no ARN to match for them: a narrow grant would answer AccessDenied, as if the permission "
            "were missing. GetAccountAuthorizationDetails has no resource at all. All of them only read.",
        )


def _as_written_by_cdk_nag(arn: str) -> str:
    for token, name in (
        (Aws.PARTITION, "<AWS::Partition>"),
        (Aws.REGION, "<AWS::Region>"),
        (Aws.ACCOUNT_ID, "<AWS::AccountId>"),
    ):
        arn = arn.replace(token, name)
    return arn
