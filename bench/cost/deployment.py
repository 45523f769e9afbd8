"""The templates of the default configuration, and of those compared with it."""

from __future__ import annotations

from tempfile import TemporaryDirectory
from typing import Any

from aws_cdk import App

from infra.config.config import Config
from infra.stacks import add_stacks

HOME, ANOTHER = "us-east-1", "us-west-2"


def templates() -> dict[str, dict[str, Any]]:
    """By region: the main stack in IAM's home region, and the stack of another region."""
    with TemporaryDirectory() as outdir:
        app = App(outdir=outdir)
        add_stacks(app, Config(regions=(ANOTHER,)), region=HOME)
        return {stack.environment.region: stack.template for stack in app.synth().stacks}


def default_template(config: Config | None = None) -> dict[str, Any]:
    """Of the main stack; another configuration where one is given."""
    with TemporaryDirectory() as outdir:
        app = App(outdir=outdir)
        main = add_stacks(app, config or Config(), region=HOME)
        template: dict[str, Any] = app.synth().get_stack_by_name(main.stack_name).template
        return template
