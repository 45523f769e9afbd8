from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from local.emulator.process import LocalAws, LocalAwsError, running, start
from local.emulator.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_its_administrator_is_an_iam_user_that_may_do_everything(aws: LocalAws) -> None:
    arn = aws.session().client("sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:iam::{aws.account}:user/administrator"
    assert aws.session().client("kms").list_keys()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_a_running_server_is_found_by_its_state(aws: LocalAws) -> None:
    assert running(aws.state) == aws


def test_a_second_server_on_the_same_state_is_refused(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError, match="already runs"):
        start(aws.state)


def test_a_port_that_another_program_has_is_refused(aws: LocalAws, tmp_path: Path) -> None:
    with pytest.raises(LocalAwsError, match=f"Port {aws.port} is taken"):
        start(tmp_path, aws.port)


def test_it_listens_on_its_own_port_of_the_loopback_alone(aws: LocalAws) -> None:
    for port in (443, 8883):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert "https://127.0.0.1" in aws.log.read_text()


def test_a_stopped_server_is_gone_and_may_start_again(tmp_path: Path) -> None:
    first = start(tmp_path)
    first.stop()
    assert running(tmp_path) is None
    assert not first.is_healthy()
    second = start(tmp_path, first.port)
    second.stop()
    assert second.port == first.port


def test_an_unknown_setting_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match="LOCAL_AWS_UNKNOWN_KEY"):
        Settings.from_env({"LOCAL_AWS_UNKNOWN_KEY": "Perhaps"})


def test_settings_survive_the_way_to_the_server() -> None:
    settings = Settings(
        "NoSuchEntity",
        2.5,
        0.5,
        record_calls=False,
        lookups_per_second=2,
        denied_calls_are_uses=False,
        rotation_attempts=5,
        rotation_pause_seconds=0.25,
    )
    assert Settings.from_env(settings.to_env()) == settings
