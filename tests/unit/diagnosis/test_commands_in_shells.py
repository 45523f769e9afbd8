"""The printed commands with names that are special to a shell or to the AWS CLI, run in bash and zsh.

No form for PowerShell is printed; docs/alerts.md says for which shells the commands are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lambdas.alerting.domain.closing_command import close_incident
from lambdas.decisions.domain.approval_commands import approve_replacement
from lambdas.diagnosis.domain import remedies
from lambdas.incidents.domain.incident import IncidentRef
from lambdas.rotation.domain.modes import Mode
from lambdas.rotation.domain.rotation_context import Backup, Previous, RotationContext
from lambdas.text import quote_secret_name, quote_user_name
from tests.support.builders import HOME, key_id

if TYPE_CHECKING:
    from collections.abc import Iterable

# Options that people turn on in zsh, and that change what a word may be replaced by.
ZSH = ("zsh", "-f", "-o", "magic_equal_subst", "-o", "extended_glob", "-o", "auto_cd", "-o", "rc_quotes")
SHELLS = {"bash": ("bash", "--norc"), "zsh": ZSH}
AS_WORDS = "aws() { printf '%s\\0' \"$@\"; printf '\\n\\0'; }\n"  # instead of the AWS CLI
KEY = key_id()
NAMES = ["=ls", "--help", "-", "--", "=", "a=ls", "=ls.x", "a.b@c.d", "@x", ".", "..", "+x", "-n", "a,b", "_"]
IMPOSSIBLE = [
    "a'b",
    "$HOME",
    "`id`",
    "a b",
    'a"b',
    "a;b",
    "a|b",
    "~",
    "*",
    "a\nb",
    "\\x",
    "{a,b}",
    "$(id)",
    "!x",
]
USER_NAMES = st.text("abcXYZ019_+=,.@-", min_size=1, max_size=64)
SECRET_NAMES = st.text("abcXYZ019/_+=.@-", min_size=1, max_size=64)


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> list[str]:
    name: str = request.param
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    return [*SHELLS[name]]


def run(shell: list[str], script: str) -> str:
    done = subprocess.run([*shell, "-c", script], capture_output=True, check=True, timeout=60)  # noqa: S603 -- the shell under test
    return done.stdout.decode()


def words(shell: list[str], commands: Iterable[str]) -> list[list[str]]:
    """The arguments with which the AWS CLI would be called."""
    script = AS_WORDS + "\n".join(commands)
    calls = run(shell, script).split("\n\0")
    return [call.split("\0")[:-1] for call in calls if call]


def commands_about(user_name: str) -> list[str]:
    """All that are one line."""
    about = (
        remedies.reactivate(user_name, KEY),
        remedies.deactivate(user_name, KEY),
        remedies.list_keys(user_name),
        remedies.remove_key(user_name, KEY),
        remedies.delete_inactive_key(user_name, KEY),
        remedies.show_claim(user_name),
        remedies.withdraw_claim(user_name),
        remedies.recreate_user(user_name),
        remedies.enrol_again(user_name, "access-keys/alice", "auto"),
    )
    return [command for remedy in about for command in remedy.commands]


@pytest.mark.parametrize("name", NAMES)
def test_each_command_about_a_user_names_exactly_that_user(shell: list[str], name: str) -> None:
    calls = words(shell, commands_about(name))
    assert len(calls) == len(commands_about(name))
    for call in calls:
        assert [word for word in call if word.startswith("--user-name")] == [f"--user-name={name}"]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_key_is_stored_in_the_profile_of_exactly_that_name(shell: list[str], name: str) -> None:
    lines = remedies.replace_key(name).commands
    (create,) = words(shell, [lines[0].removesuffix("|")])
    assert create[:3] == ["iam", "create-access-key", f"--user-name={name}"]
    (test,) = words(shell, [lines[-1]])
    assert test == ["sts", "get-caller-identity", f"--profile={name}"]
    profiles = [word for line in lines for word in line.split() if word.startswith("--profile")]
    assert {word.rstrip(";") for word in profiles} == {f"--profile={quote_user_name(name)}"}


@pytest.mark.parametrize("name", [name for name in NAMES if "," not in name])
def test_each_command_about_a_secret_names_exactly_that_secret(shell: list[str], name: str) -> None:
    version = "1234abcd-12ab-34cd-56ef-1234567890ab"
    context = RotationContext(
        mode=Mode.AUTO,
        deployment_mode=Mode.AUTO,
        secret_name=name,
        previous=Previous(access_key_id=KEY, version=version, current_version=version),
    )
    about = (
        remedies.approve_rotation(name),
        remedies.remove_pending_label(name, version),
        approve_replacement(context),
    )
    for (command,) in (remedy.commands for remedy in about):
        (call,) = words(shell, [command])
        assert [word for word in call if word.startswith("--secret-id")] == [f"--secret-id={name}"]


@pytest.mark.parametrize("user_name", NAMES)
def test_a_backup_user_of_any_name_is_named_in_the_payload(shell: list[str], user_name: str) -> None:
    backup = Backup(user_name=user_name, function_name="FailOver")
    context = RotationContext(
        mode=Mode.AUTO, deployment_mode=Mode.AUTO, secret_name="access-keys/=ls", is_gone=True, backup=backup
    )
    (command,) = approve_replacement(context).commands
    assert (
        run(shell, command.partition("|")[0]) == f'{{"secret": "access-keys/=ls", "backup": "{user_name}"}}'
    )


def test_the_command_that_closes_an_incident_writes_who_and_when(shell: list[str]) -> None:
    ref = IncidentRef(key=f"sha256:{'0' * 64}", opened_at="2026-03-14T12:00:01.000000Z")
    [remedy] = close_incident(ref, HOME)
    who = 'aws() { case "$1" in sts) echo arn:aws:iam::1:user/x;; *) printf "%s\\0" "$@";; esac; }\n'
    call = run(shell, who + "\n".join(remedy.commands)).split("\0")
    assert json.loads(call[call.index("--key") + 1])["openedAt"]["S"] == ref.opened_at
    values = json.loads(call[call.index("--expression-attribute-values") + 1])
    assert values[":by"]["S"] == "arn:aws:iam::1:user/x"
    assert values[":now"]["N"].isdigit()


def test_no_incident_is_closed_by_a_command_with_what_a_caller_wrote() -> None:
    assert close_incident(IncidentRef(key="none:1:$(id):x", opened_at="2026"), HOME) == ()


@given(st.lists(USER_NAMES, min_size=50, max_size=50), st.lists(SECRET_NAMES, min_size=50, max_size=50))
@example(NAMES, ["=ls/=ls", "/", "//=", "-/-"])
@settings(max_examples=10, deadline=None)
@pytest.mark.parametrize("name", SHELLS)
def test_every_possible_name_is_one_exact_word(name: str, users: list[str], secrets: list[str]) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not here")
    quoted = [*map(quote_user_name, users), *map(quote_secret_name, secrets)]
    calls = words([*SHELLS[name]], (f"aws --option={word}" for word in quoted))
    assert calls == [[f"--option={plain}"] for plain in (*users, *secrets)]


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_a_name_that_aws_does_not_allow_is_never_put_into_a_command(name: str) -> None:
    for quote in (quote_user_name, quote_secret_name):
        with pytest.raises(ValueError, match="not the name of"):
            quote(name)
