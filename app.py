"""Entry point of the CDK CLI: builds the stacks and checks them with cdk-nag's AWS Solutions rules."""

from __future__ import annotations

import os
import sys

from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks

from infra.config.context import read_config
from infra.config.fields import ConfigError
from infra.stacks import add_stacks


def main() -> None:
    app = App()
    add_stacks(
        app,
        read_config(app.node.get_all_context()),
        # The CLI sets them from its credentials and region, if it has any.
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
        region=os.environ.get("CDK_DEFAULT_REGION"),
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except ConfigError as error:
        sys.exit(f"Configuration: {error}")
