from __future__ import annotations

from datetime import timedelta

from tests.support.builders import NOON
from tests.support.rotation_runs import HOURS_UNTIL_ALL_IS_RETIRED, Run, a_retirer
from tests.support.rotation_simulation import SECRET, RotationWorld


def test_while_the_kill_switch_is_on_nothing_is_retired_or_repaired() -> None:
    world = RotationWorld()
    world.put_current(world.a_person_creates(NOON - timedelta(days=200)))
    run = Run(world)
    run.rotate("token-1")
    assert run.completed
    world.kill_switch = True
    keys, began = {key: it.active for key, it in world.user_keys.items()}, len(world.calls)
    run.pass_time(HOURS_UNTIL_ALL_IS_RETIRED, step=6)
    assert a_retirer(world).process(SECRET) == []
    assert {key: it.active for key, it in world.user_keys.items()} == keys
    assert set(world.calls[began:]) == {"stopped"}
