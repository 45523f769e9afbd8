"""Runs moto in a process of its own, on loopback."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from bench.moto import dynamodb_gaps, iam_gaps
from bench.moto.moto_over_http import loopback_server
from bench.processes import aws_environment, enter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection

_START_SECONDS = 30


def _leave_empty() -> None:
    pass


@contextmanager
def moto_server(fill: Callable[[], None] = _leave_empty) -> Iterator[str]:
    """The URL of a new server. `fill` is called in the server's process to create its resources."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(theirs, fill), daemon=True)
    server.start()
    try:
        if not ours.poll(_START_SECONDS):
            raise TimeoutError(f"moto's server did not start within {_START_SECONDS} seconds")
        yield ours.recv()
    finally:
        server.terminate()
        server.join()


def _serve(parent: Connection, fill: Callable[[], None]) -> None:
    """Ends with the parent process, which closes its end of the pipe then."""
    enter(aws_environment())
    iam_gaps.fill_the_gaps()
    dynamodb_gaps.fill_the_gaps()
    fill()
    server = loopback_server()
    Thread(target=server.serve_forever, daemon=True).start()
    parent.send(f"http://127.0.0.1:{server.server_port}")
    parent.poll(None)
