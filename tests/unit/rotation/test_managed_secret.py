from __future__ import annotations

import json
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.errors import PermanentError
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey

if TYPE_CHECKING:
    from collections.abc import Mapping

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXMPLKEYz"
FULL = {"AccessKeyId": "AKIAFIRST", "SecretAccessKey": SECRET, "UserName": "alice", "Password": "hunter2"}
NEW = NewKey(access_key_id="AKIASECOND", secret_access_key="another-secret")

names = st.text().filter(lambda name: name not in {"AccessKeyId", "SecretAccessKey", "UserName"})
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(others=st.dictionaries(names, json_values), has_key=st.booleans())
def test_whatever_else_a_person_put_there_survives_a_rotation(
    others: Mapping[str, object], has_key: bool
) -> None:
    key = {"AccessKeyId": "AKIAFIRST", "SecretAccessKey": SECRET} if has_key else {}
    text = json.dumps({"UserName": "alice", **key, **others})
    before = ManagedSecret.parse(text)
    assert json.loads(before.to_text()) == json.loads(text)
    rotated = replace(before, key=NEW)
    assert ManagedSecret.parse(rotated.to_text()) == rotated
    assert json.loads(rotated.to_text()) == {
        **others,
        "UserName": "alice",
        "AccessKeyId": "AKIASECOND",
        "SecretAccessKey": "another-secret",
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"UserName": "alice"},
        {"UserName": "alice", "AccessKeyId": "", "SecretAccessKey": ""},
        {"UserName": "alice", "AccessKeyId": None, "SecretAccessKey": None},
    ],
)
def test_before_its_first_rotation_a_secret_has_no_key(fields: dict[str, str | None]) -> None:
    parsed = ManagedSecret.parse(json.dumps(fields))
    assert parsed.key is None
    assert not parsed.key_id


def test_nothing_secret_is_shown() -> None:
    parsed = ManagedSecret.parse(json.dumps(FULL))
    for shown in (repr(parsed), str(parsed), f"{parsed.key!r} {parsed.key}"):
        assert SECRET not in shown
        assert "hunter2" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{SECRET}",
        f'{{"SecretAccessKey": "{SECRET}"',
        f'["{SECRET}"]',
        f'"{SECRET}"',
        "null",
        "[" * 60_000 + SECRET,
        json.dumps(FULL | {"UserName": None}),
        json.dumps(FULL | {"UserName": ""}),
        json.dumps(FULL | {"UserName": 7}),
        json.dumps(FULL | {"UserName": {"name": "alice"}}),
        json.dumps({name: value for name, value in FULL.items() if name != "UserName"}),
        json.dumps(FULL | {"AccessKeyId": 7}),
        json.dumps(FULL | {"AccessKeyId": ""}),
        json.dumps(FULL | {"SecretAccessKey": ["x"]}),
        json.dumps(FULL | {"SecretAccessKey": None}),
    ],
)
def test_a_malformed_text_is_reported_without_a_word_of_it(text: str) -> None:
    with pytest.raises(PermanentError) as caught:
        ManagedSecret.parse(text)
    shown = "".join(traceback.format_exception_only(caught.value)) + repr(caught.value.__context__)
    assert SECRET not in shown
    assert "hunter2" not in shown
    assert "not JSON of the expected form" in shown
