"""Adds the stacks to the app: the main stack, and one for each other region that signals come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Environment

from infra.config.config import CONTEXT_KEY
from infra.config.regions import Regions
from infra.organization import meet_demands
from infra.regional_stack import RegionalStack
from infra.remediator_stack import RemediatorStack

if TYPE_CHECKING:
    from aws_cdk import App

    from infra.config.config import Config

MAIN_STACK = "AccessKeyRemediator"


def add_stacks(
    app: App, config: Config, *, account: str | None = None, region: str | None = None
) -> RemediatorStack:
    """Returns the main stack. Without `account` and `region` it can be deployed to any of them."""
    regions = Regions.of(config.regions, main=region, path=f"{CONTEXT_KEY}.regions")
    main = RemediatorStack(
        app,
        MAIN_STACK,
        config=config,
        regions=regions,
        env=Environment(account=account, region=region),
    )
    meet_demands(main, config)
    for other in regions.others:
        regional = RegionalStack(
            app,
            # With the main region, or a second deployment would replace the first one's stack in this region.
            f"{MAIN_STACK}-{other}-to-{regions.main}",
            config=config,
            regions=regions,
            region=other,
            signal_bus_name=main.signal_bus_name,
            env=Environment(account=account, region=other),
        )
        regional.add_stack_dependency(main)
        meet_demands(regional, config)
    return main
