"""The log calls of the code, as its text has them, and the names that no field of a log line may have.

Python's logging raises KeyError for a field with the name of one of a record's own attributes (makeRecord in
the standard library's logging); with what Powertools writes on each line itself a field would be confused.
"""

from __future__ import annotations

import ast
import io
import json
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
TAKERS_OF_FIELDS = LEVELS | {
    "append_keys",
    "append_context_keys",
    "thread_safe_append_keys",
    "structure_logs",
}
OPTIONS = {"exc_info", "stack_info", "stacklevel", "extra"}
UNREADABLE = "a dictionary whose names cannot be read here"
BORROWED = "a method that is called elsewhere"


@dataclass(frozen=True)
class LogCall:
    path: Path
    first_line: int
    last_line: int
    fields: tuple[str, ...]

    def contains(self, path: str, line: int) -> bool:
        return path == str(self.path) and self.first_line <= line <= self.last_line

    def __str__(self) -> str:
        return f"{self.path}:{self.first_line}"


@cache
def reserved_names() -> frozenset[str]:
    """Records have `taskName` from Python 3.12 on, which Lambda runs; a developer may have 3.11."""
    of_records = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
    return frozenset(of_records | _names_on_each_line())


def log_calls(root: Path = ROOT / "lambdas") -> list[LogCall]:
    return [call for path in sorted(root.rglob("*.py")) for call in calls_in(path.read_text(), path)]


def calls_in(source: str, path: Path) -> list[LogCall]:
    tree = ast.parse(source)
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return [
        LogCall(path, node.lineno, node.end_lineno or node.lineno, fields)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and (fields := _fields(node, called)) is not None
    ]


def _fields(node: ast.expr, called: set[ast.expr]) -> tuple[str, ...] | None:
    if isinstance(node, ast.Call) and _takes_fields(node.func):
        return tuple(name for keyword in node.keywords for name in _names(keyword))
    if isinstance(node, ast.Attribute) and node not in called and _takes_fields(node):
        return (BORROWED,) if _is_logger(node.value) else None
    return None


def _takes_fields(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr in TAKERS_OF_FIELDS


def _is_logger(value: ast.expr) -> bool:
    return ast.unparse(value).endswith("logger")


def _names(keyword: ast.keyword) -> Iterator[str]:
    """Of `extra=` and `**` the dictionary's own; its names are to stand in the call."""
    if keyword.arg not in {None, "extra"}:
        yield from {str(keyword.arg)} - OPTIONS
    elif isinstance(keyword.value, ast.Dict):
        for key in keyword.value.keys:
            yield key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else UNREADABLE
    else:
        yield UNREADABLE


def _names_on_each_line() -> set[str]:
    """As Powertools writes them for a function that fails, on a logger that no code uses."""
    written = io.StringIO()
    logger = Logger(service="reserved-names", stream=written)
    error = ValueError()
    error.add_note("one")

    @logger.inject_lambda_context
    def handler(_event: dict[str, Any], _context: object) -> None:
        logger.error("a line", exc_info=error)

    handler({}, a_context())
    return {*json.loads(written.getvalue()), "xray_trace_id", "sampling_rate"}


def a_context(seconds_left: float = 60) -> Any:
    """What Lambda hands to a handler, as far as the tests read it."""
    return SimpleNamespace(
        function_name="a-function",
        memory_limit_in_mb=128,
        invoked_function_arn="arn:aws:lambda:eu-west-1:111122223333:function:a-function",
        aws_request_id="a-request",
        get_remaining_time_in_millis=lambda: int(seconds_left * 1000),
    )
