"""What all functions share: one zip, their runtime, their logs, and a role that may do nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import AssetHashType, BundlingOptions, DockerImage, RemovalPolicy
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
        description: str,
        code: Code,
        handler_module: str,
        memory_mib: int,
        timeout: Duration,
        environment: Mapping[str, str],
        log_retention_seconds: int,
        role: Role | None = None,
        recursive_loop: RecursiveLoop | None = None,
    ) -> None:
        role = role or execution_role(scope, f"{construct_id}Role")
        log_group = LogGroup(
            scope,
            f"{construct_id}Logs",
            retention=retention(log_retention_seconds),
            removal_policy=RemovalPolicy.DESTROY,
        )
        # Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
        log_group.grant_write(role)
        super().__init__(
            scope,
            construct_id,
            description=description,
            code=code,
            handler=f"lambdas.handlers.{handler_module}.handler",
            runtime=Runtime.PYTHON_3_14,
            architecture=Architecture.ARM_64,
            memory_size=memory_mib,
            timeout=timeout,
            role=role,
            log_group=log_group,
            recursive_loop=recursive_loop,
            environment={
                "POWERTOOLS_SERVICE_NAME": SERVICE,
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                **environment,
            },
        )
        self.execution_role = role

    def allow(
        self,
        actions: list[str],
        *,
        on: str | list[str],
        when: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """Not a table's `grant`, which would add all of its indexes."""
        resources = [on] if isinstance(on, str) else on
        self.add_to_role_policy(PolicyStatement(actions=actions, resources=resources, conditions=when))
