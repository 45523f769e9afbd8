"""What the CDK CLI starts (cdk.json): one stack, held to the AWS Solutions rules."""

from __future__ import annotations

import os
import sys

from aws_cdk import App, Environment, Validations
from cdk_nag import AwsSolutionsChecks

from infra.config import CONTEXT_KEY, Config
from infra.fields import ConfigError
from infra.remediator_stack import RemediatorStack


def main() -> None:
    app = App()
    RemediatorStack(
        app,
        "AccessKeyRemediator",
        config=Config.from_context(app.node.try_get_context(CONTEXT_KEY)),
        # Without credentials the CLI sets neither, and the stack fits any account and region.
        env=Environment(
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")
        ),
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except ConfigError as error:
        sys.exit(f"Configuration: {error}")
