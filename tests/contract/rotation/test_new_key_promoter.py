"""A promotion on Secrets Manager after a person has edited the secret."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

from lambdas.rotation.adapters.secrets_manager import SecretsManager
from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.managed_secret import ManagedSecret, NewKey
from lambdas.rotation.domain.rotation_state import RotationState
from lambdas.rotation.domain.secret_description import CURRENT, EDITED, PENDING, PREVIOUS
from lambdas.rotation.new_key_promoter import NewKeyPromoter
from lambdas.rotation.secret_snapshot import read_snapshot
from tests.support.rotation_simulation import SECRET, USER, RotationWorld, smtp_url

if TYPE_CHECKING:
    from lambdas.aws.adapters.clients import Clients


def test_the_edited_value_is_promoted_with_the_new_key_and_no_label_is_left(clients: Clients) -> None:
    world, token = RotationWorld(), str(uuid.uuid4())
    old_id = world.a_person_creates(world.now - timedelta(days=9))
    old = NewKey(access_key_id=old_id, secret_access_key=world.user_keys[old_id].secret)
    new = world.new_key(by_us=True, created_at=world.now - timedelta(minutes=1))
    state = RotationState(secret_name=SECRET, user_name=USER).with_created(
        new.access_key_id, token, world.now
    )
    world.write(state.with_tested(new.access_key_id, world.now))
    first = ManagedSecret(user_name=USER, key=old, others={"Smtp": smtp_url(old)})
    clients.secrets.create_secret(Name=SECRET, SecretString=first.to_text())
    secrets = SecretsManager(clients)
    secrets.put_pending(SECRET, token, with_new_key(first, new))
    edited = json.loads(first.to_text()) | {"Note": "mine"}
    put = clients.secrets.put_secret_value(SecretId=SECRET, SecretString=json.dumps(edited))["VersionId"]
    promoter = NewKeyPromoter(
        secrets=secrets,
        keys=world,
        rotations=world,
        identity=world,
        grace=timedelta(days=1),
        clock=world.clock,
        sleep=world.sleep,
    )
    for _ in range(2):
        promoter.finish(read_snapshot(SECRET, secrets, world), token)
    found = read_snapshot(SECRET, secrets, world)
    assert found.current == ManagedSecret(
        user_name=USER, key=new, others={"Smtp": smtp_url(new), "Note": "mine"}
    )
    labels = found.description.labelled
    assert (labels(PREVIOUS), labels(PENDING), labels(EDITED)) == (put, "", "")
    assert labels(CURRENT) not in {token, put, ""}
    assert found.state.superseded_ids == {old_id}
