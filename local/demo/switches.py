"""Sets the switches of a deployed stack as an operator does, with immediate effect."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.deployment import Stage


@contextmanager
def stopped(stage: Stage) -> Iterator[None]:
    """Stops the stack by the kill switch."""
    turn(stage, "on")
    try:
        yield
    finally:
        turn(stage, "off")


def turn(stage: Stage, value: str) -> None:
    parameters: Any = stage.aws.session().client("ssm")
    name = stage.outputs["KillSwitchParameter"]
    parameters.put_parameter(Name=name, Value=value, Overwrite=True)
    forget_switches(stage)


def forget_switches(stage: Stage) -> None:
    """Restarts the functions, which cache the switches for a minute."""
    for output in ("RemediateFunctionName", "EnrolUsersFunctionName", "RotationFunctionArn"):
        restart(stage, stage.outputs[output].rpartition(":")[2])


def restart(stage: Stage, function_name: str) -> None:
    """Restarts a function by changing its configuration."""
    functions: Any = stage.aws.session().client("lambda")
    memory = functions.get_function_configuration(FunctionName=function_name)["MemorySize"]
    for size in (memory + 1, memory):
        functions.update_function_configuration(FunctionName=function_name, MemorySize=size)
