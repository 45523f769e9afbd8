"""What `make up` accepts, and which server it uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local import up
from local.emulator.launch import free_port
from local.emulator.process import STOP_SECONDS, LocalAwsError, running
from local.emulator.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from local.emulator.process import LocalAws


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOCAL_AWS_PORT", "abc"),
        ("LOCAL_AWS_PORT", "0"),
        ("LOCAL_AWS_PORT", "65536"),
        ("LOCAL_AWS_PORT", "-1"),
        ("LOCAL_AWS_PORT", "٣"),
        ("LOCAL_AWS_CALL_SECONDS", "soon"),
        ("LOCAL_AWS_REPEAT_EVERY", "1.5"),
        ("CONFIG", "no-such-file.json"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, value: str
) -> None:
    monkeypatch.setattr(up, "STATE", tmp_path / "aws")
    monkeypatch.setenv(name, value)
    assert up.main() == 1
    assert name in (error := capsys.readouterr().err)
    assert value in error
    assert not (tmp_path / "aws").exists()


def test_a_running_server_is_used_and_is_left_alone_if_another_port_is_wanted(
    monkeypatch: pytest.MonkeyPatch, aws: LocalAws
) -> None:
    monkeypatch.setattr(up, "STATE", aws.state)
    assert up.use_server(None, Settings()) == up.use_server(aws.port, Settings()) == aws
    with pytest.raises(LocalAwsError, match=f"already runs on port {aws.port}"):
        up.use_server(free_port(), Settings())
    assert aws.is_healthy()


def test_a_server_that_does_not_respond_is_replaced(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(up, "STATE", tmp_path)
    first = up.use_server(free_port(), Settings())
    monkeypatch.setattr("local.emulator.process.LocalAws.is_healthy", lambda it: it.port != first.port)
    second = up.use_server(free_port(), Settings())
    assert running(tmp_path) == second != first
    second.stop()
    assert first.child
    assert first.child.wait(STOP_SECONDS) != 0
