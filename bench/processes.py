"""Runs work in new processes that see the moto server and none of the caller's AWS settings."""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
T = TypeVar("T")

REGION = "us-east-1"
_LOG_TAIL = 4000
_log = io.StringIO()


def aws_environment(endpoint_url: str = "") -> dict[str, str]:
    chosen = {"AWS_ENDPOINT_URL": endpoint_url} if endpoint_url else {}
    return chosen | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "no_proxy": "127.0.0.1",
    }


def in_a_new_process(
    environment: Mapping[str, str], work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Shows the standard output of the work, such as a function's logs, only if it fails."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, initializer=enter, initargs=(environment,)) as pool:
        return pool.submit(_with_log, partial(work, *args, **kwargs)).result()


def enter(environment: Mapping[str, str]) -> None:
    """Call it before importing the work: a logger keeps the standard output that it finds at import."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(environment)
    sys.stdout = _log


def _with_log(work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception as error:
        error.add_note(_log.getvalue()[-_LOG_TAIL:])
        raise
