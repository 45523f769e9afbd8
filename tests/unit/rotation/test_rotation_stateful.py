"""Rotations, retirements, people, consumers and time in any order, and concurrently."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lambdas.errors import PermanentError, TransientError
from lambdas.ledger.domain.enrolment_tags import MODE_TAG, SECRET_TAG, USER_ID_TAG
from lambdas.rotation.domain.dependent_fields import with_new_key
from lambdas.rotation.domain.secret_description import CURRENT, PREVIOUS
from lambdas.rotation.ports import RefusedError
from tests.support.builders import NOON
from tests.support.fail_over_scenarios import with_a_backup
from tests.support.rotation_invariants import GUARDRAILS, Invariants
from tests.support.rotation_runs import (
    POLICY,
    STEPS,
    UNUSED_FOR,
    Run,
    a_fail_over,
    a_repair,
    a_retirer,
    a_rotator,
)
from tests.support.rotation_simulation import (
    BACKUP,
    MOST_KEYS,
    PROPAGATION,
    SECOND_SECRET,
    SECRET,
    USER_ID,
    Crash,
    Interrupt,
    Mode,
    RotationWorld,
    smtp_url,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

LONG_AGO = NOON - timedelta(days=200)
EXAMPLES = int(os.environ.get("ROTATION_EXAMPLES", "400"))


@dataclass(frozen=True)
class Act:
    """What somebody does, with a number that says to which key, token or consumer."""

    name: str
    number: int


@dataclass(frozen=True)
class Trouble:
    """At the nth call of a run: it breaks, or somebody else acts right before it."""

    call: int
    mode: Mode | None = None
    act: Act | None = None


PEOPLES = (
    "create_key",
    "create_inactive_key",
    "deactivate_key",
    "contain_key",
    "activate_key",
    "delete_key",
    "roll_back",
    "edit_secret",
    "break_secret",
    "second_tool_key",
    "toggle_creation",
    "toggle_denial",
    "toggle_tag",
    "toggle_secret",
    "toggle_binding",
    "toggle_quarantine",
    "toggle_kill_switch",
)
# Each may be missing from the policies of our functions, or be denied by others.
DENIABLE = (
    "describe_secret",
    "value",
    "put_pending",
    "put_edited",
    "promote",
    "drop_pending",
    "list_keys",
    "look_up",
    "describe",
    "delete",
    "switch",
    "created_for",
)
OTHERS = (*PEOPLES, "consume", "refresh", "tick")
OURS = ("step", "hourly", "begin", "fail_over", "lend")

numbers = st.integers(0, 11)
calls = st.integers(0, 25)
peoples_acts = st.builds(Act, st.sampled_from(PEOPLES), numbers)
any_acts = st.builds(Act, st.sampled_from((*OTHERS, *OURS)), numbers)
troubles = st.one_of(
    st.none(),
    st.builds(Trouble, calls, mode=st.sampled_from(list(Mode))),
    st.builds(Trouble, calls, act=any_acts),
    st.builds(Trouble, calls, act=st.builds(Act, st.sampled_from(OURS), numbers)),
)
spans = st.sampled_from(
    [
        timedelta(seconds=5),
        timedelta(minutes=4),
        timedelta(minutes=10),
        timedelta(hours=2),
        timedelta(days=40),
    ]
)


class Rotations(RuleBasedStateMachine):
    """Three consumers hold a key each: the first reads the secret whenever it calls AWS, the others only
    when they are restarted (`refresh`). The third reads the user's second secret, if there is one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = RotationWorld()
        self.checker = Invariants(self.world, POLICY, UNUSED_FOR)
        self.terms = POLICY
        self.tokens: list[str] = []
        self.secrets: dict[str, str] = {}  # by token
        self.positions: dict[str, int] = {}
        self.held = ["", "", ""]
        self.texts: list[str] = []

    @initialize(
        spare=st.sampled_from(["none", "none", "inactive", "active"]),
        current=st.sampled_from(["alive", "alive", "dead", "none"]),
        reactivates=st.booleans(),
        backed=st.booleans(),
        second=st.sampled_from(["none", "empty", "empty", "copy"]),
        lag=st.sampled_from([0, 0, 20, 300]),
    )
    def set_up(
        self, spare: str, current: str, reactivates: bool, backed: bool, second: str, lag: int
    ) -> None:
        self.world.listing_lag = timedelta(seconds=lag)
        if spare != "none":
            self.world.a_person_creates(LONG_AGO, active=spare == "active")
        key = "" if current == "none" else self.world.a_person_creates(LONG_AGO)
        self.world.put_current(key)
        if current == "dead":
            self.world.a_person_switches(key, on=False)
        if backed:
            with_a_backup(self.world)
        if second != "none":  # a person may have prepared it with the key that is in use
            self.world.add_second_secret().put_current(key if second == "copy" else "")
            self.world.claim(SECOND_SECRET)
            self.world.claim(SECRET)
        self.terms = replace(POLICY, reactivates=reactivates)
        self.checker.once_current = {key: None}
        self.held = [key, key, "" if second == "empty" else key]

    # What we do

    @rule(number=numbers)
    def begin(self, number: int) -> None:
        """RotateSecret."""
        names = self._secrets_of_the_user()
        self._begin(names[number % len(names)])

    def _begin(self, secret: str) -> bool:
        token = f"token-{len(self.tokens) + 1}"
        try:
            self.world.label_pending(token, secret)
        except RefusedError:
            return False
        self.tokens.append(token)
        self.secrets[token] = secret
        self.positions[token] = 0
        return True

    def _secrets_of_the_user(self) -> tuple[str, ...]:
        return (SECRET, SECOND_SECRET) if self.world.second else (SECRET,)

    @precondition(lambda self: self.tokens)
    @rule(number=numbers, trouble=troubles)
    def next_step(self, number: int, trouble: Trouble | None) -> None:
        """As Secrets Manager goes on: after a failure, from the beginning."""
        token = self.tokens[-1 - number % min(2, len(self.tokens))]
        position = self.positions[token]
        done = self._run(lambda: self._step(token, STEPS[position % len(STEPS)]), trouble)
        self.positions[token] = position + 1 if done else 0

    @precondition(lambda self: self.tokens)
    @rule(number=numbers, step=st.sampled_from(STEPS), trouble=troubles)
    def any_step(self, number: int, step: str, trouble: Trouble | None) -> None:
        self._run(lambda: self._step(self.tokens[number % len(self.tokens)], step), trouble)

    @rule(trouble=troubles)
    def whole_rotation(self, trouble: Trouble | None) -> None:
        """The usual case, which single steps would hardly ever compose."""
        self._rotate(self.world.tags.get(SECRET_TAG, SECRET), trouble)

    def _rotate(self, secret: str, trouble: Trouble | None) -> None:
        self._begin(secret)
        if self.tokens:
            for step in STEPS:
                self._run(lambda step=step: self._step(self.tokens[-1], step), trouble)  # type: ignore[misc]

    @precondition(lambda self: self.world.second)
    @rule(trouble=troubles)
    def moved_and_rotated(self, trouble: Trouble | None) -> None:
        """The user's tag moves to its other secret, which is rotated."""
        self._act(Act("toggle_secret", 0))
        self._rotate(self.world.tags.get(SECRET_TAG, SECRET), trouble)

    @rule(trouble=troubles)
    def fail_over(self, trouble: Trouble | None) -> None:
        self._run(self._fail_over, trouble)

    @rule(trouble=troubles)
    def rotated_then_dead(self, trouble: Trouble | None) -> None:
        """The usual case of a fail over: an automation deactivates the new key soon."""
        self._rotate(SECRET, None)
        self._contain_current()
        self._run(self._fail_over, trouble)

    @rule(trouble=troubles)
    def dead_without_a_slot(self, trouble: Trouble | None) -> None:
        """The usual case of a loan."""
        while len(self.world.user_keys) < MOST_KEYS:
            self.world.a_person_creates()
        self._contain_current()
        self._run(self._lend, trouble)

    def _contain_current(self) -> None:
        self.checker.disturbed.clear()
        current = self.world.current_key()
        self.world.now += timedelta(minutes=10)
        if current in self.world.user_keys and self.world.user_keys[current].active:
            self.checker.disturbed.add(current)
            self.world.an_automation_deactivates(current)

    @rule(trouble=troubles)
    def lend(self, trouble: Trouble | None) -> None:
        self._run(self._lend, trouble)

    @rule(trouble=troubles)
    def hourly_function(self, trouble: Trouble | None) -> None:
        self._run(self._hourly, trouble)

    # What others do

    @rule(act=peoples_acts)
    def people_act(self, act: Act) -> None:
        self._act(act)

    @rule(number=numbers)
    def consume(self, number: int) -> None:
        self._act(Act("consume", number))

    @rule(number=numbers)
    def refresh(self, number: int) -> None:
        self._act(Act("refresh", number))

    @rule(span=spans)
    def time_passes(self, span: timedelta) -> None:
        self.world.now += span

    @rule(hours=st.sampled_from([1, 4, 36, 60]), moving=st.integers(0, 3), trouble=troubles)
    def hours_pass(self, hours: int, moving: int, trouble: Trouble | None) -> None:
        """Some of the consumers move, and go on calling."""
        step = max(1, hours // 6)
        for _ in range(0, hours, step):
            self.world.now += timedelta(hours=step)
            for who in range(moving):
                self._act(Act("refresh", who))
                self._act(Act("consume", who))
            self._run(self._hourly, trouble)

    @invariant()
    def nothing_happened_that_must_never(self) -> None:
        assert self.checker.found() == []

    @invariant()
    def no_secret_was_told(self) -> None:
        shown = [*self.texts, *(repr(state) + str(state) for state in self.world.states.values())]
        assert not [text for text in shown if "secret-" in text]

    @invariant()
    def what_a_person_put_into_the_secret_survives(self) -> None:
        values = (value for place in self.world.places_of_the_user() for value in place.values.values())
        assert all(value.others["Host"] == "db.example" for value in values)

    @invariant()
    def a_secret_agrees_with_itself(self) -> None:
        for place in self.world.places_of_the_user():
            for value in place.values.values():
                assert value.key is None or value.others.get("Smtp") in {None, smtp_url(value.key)}

    @invariant()
    def no_field_is_lost_that_a_person_added(self) -> None:
        for place in self.world.places_of_the_user():
            value = place.values.get(place.labelled(CURRENT))
            assert value is None or place.notes <= {*value.others}

    def teardown(self) -> None:
        """Everybody stops, and nothing is stopped any more; the hourly function goes on for three days; then
        somebody rotates. The orphaned keys of an unbound user are deleted once it is bound again.
        """
        self.world.inject = self.world.interrupt = None
        self.world.kill_switch = self.world.denies_creation = False
        self.world.denied.clear()
        self._quiet_days()
        assert self.checker.found() == []
        self._rotates_or_is_refused("token-a")
        self.world.policy = ""
        for place in self.world.places_of_the_user():
            place.secret_tags = RotationWorld().secret_tags
        self.world.tags = RotationWorld().tags
        for secret in reversed(self._secrets_of_the_user()):
            self.world.claim(secret)
            self._quiet_days()
        assert self._orphans() == []
        self._rotates_or_is_refused("token-b")
        assert self.checker.found() == []

    def _quiet_days(self) -> None:
        for hours in (1, 1, 1, 1, 20, 24, 24, 1):
            self.world.now += timedelta(hours=hours)
            self._run(self._hourly, None)

    def _rotates_or_is_refused(self, token: str) -> None:
        if not self.world.values:
            return  # the example ended before it was set up
        run = Run(self.world)
        run.rotate(token)
        assert run.completed or any(run.refusals), run.errors

    def _orphans(self) -> list[str]:
        """Live keys of ours that no current or previous version names and nobody retires or wants."""
        world = self.world
        known = {
            place.values[version].key_id
            for place in world.places_of_the_user()
            for version, labels in place.labels.items()
            if labels & {CURRENT, PREVIOUS} and version in place.values
        }
        known |= {key for state in world.states.values() for key in state.superseded_ids}
        return [
            key_id
            for key_id, key in world.user_keys.items()
            if key.by_us and key.active and key_id not in known and not any(one.on for one in key.switches)
        ]

    # How they do it

    def _step(self, token: str, step: str) -> None:
        getattr(replace(a_rotator(self.world), grace=self.terms.grace), step)(self.secrets[token], token)

    def _hourly(self) -> None:
        retirer = replace(
            a_retirer(self.world),
            policy=self.terms,
            repair=replace(a_repair(self.world), grace=self.terms.grace),
        )
        for secret in self.world.secret_names():
            retirer.process(secret)

    def _fail_over(self) -> None:
        a_fail_over(self.world).to_previous(SECRET, f"move-{len(self.world.calls)}")

    def _lend(self) -> None:
        a_fail_over(self.world).to_backup(SECRET, BACKUP, f"loan-{len(self.world.calls)}")

    def _run(self, run: Callable[[], None], trouble: Trouble | None) -> bool:
        self.checker.disturbed.clear()
        self.world.inject = self.world.interrupt = None
        number = len(self.world.calls) + trouble.call if trouble else 0
        if trouble and trouble.mode:
            self.world.inject = (number, trouble.mode)
        elif trouble and trouble.act:
            act = trouble.act
            self.world.interrupt = Interrupt(number=number, act=lambda: self._act(act))
        done = self._survive(run)
        self.world.inject = self.world.interrupt = None
        return done

    def _survive(self, run: Callable[[], None]) -> bool:
        try:
            run()
        except (TransientError, PermanentError, Crash) as error:
            self.texts.append(f"{error!r} {error} {error.__cause__!r} {error.__context__!r}")
            return False
        return True

    def _act(self, act: Act) -> None:
        if act.name in OURS:
            self._act_of_ours(act)
        elif act.name in {"edit_secret", "break_secret"}:
            self._act_on_the_secret(act)
        elif act.name.startswith("toggle"):
            self._toggle(act)
            self.checker.disturbed.add(GUARDRAILS)
        elif act.name == "second_tool_key":
            self._second_tool_rotates()
        elif act.name.endswith("key"):
            self._act_on_a_key(act)
        elif act.name == "roll_back":
            self._roll_back()
        elif act.name == "tick":
            self.world.now += timedelta(seconds=act.number)
        else:
            self._act_of_a_consumer(act)

    def _act_of_ours(self, act: Act) -> None:
        if act.name == "hourly":
            self._survive(self._hourly)
        elif act.name == "begin":
            self.begin(act.number)
        elif act.name in {"fail_over", "lend"}:
            self._survive(self._fail_over if act.name == "fail_over" else self._lend)
        elif self.tokens:
            token = self.tokens[-1 - (act.number // len(STEPS)) % len(self.tokens)]
            self._survive(lambda: self._step(token, STEPS[act.number % len(STEPS)]))

    def _act_on_the_secret(self, act: Act) -> None:
        """A person edits it, or puts a broken text and corrects it at once."""
        if not self.world.values:
            return
        if act.name == "edit_secret":
            self.world.a_person_edits()
        else:
            good = self.world.values[self.world.labelled(CURRENT)]
            self.world.a_person_puts(None)
            self.world.a_person_puts(good)

    def _toggle(self, act: Act) -> None:
        world, what = self.world, act.name
        if what == "toggle_creation":
            world.denies_creation = not world.denies_creation
        elif what == "toggle_denial":
            world.denied ^= {DENIABLE[act.number % len(DENIABLE)]}
        elif what == "toggle_tag":
            world.tags = {} if SECRET_TAG in world.tags else {SECRET_TAG: SECRET, MODE_TAG: "auto"}
        elif what == "toggle_secret":
            second = world.second and world.tags.get(SECRET_TAG) == SECRET
            world.claim(SECOND_SECRET if second else SECRET)
        elif what == "toggle_binding":
            bound = world.secret_tags.get(USER_ID_TAG) == USER_ID
            world.secret_tags = {USER_ID_TAG: "AIDAOTHER" if bound else USER_ID}
        elif what == "toggle_quarantine":
            world.policy = "" if world.policy else "AWSCompromisedKeyQuarantineV3"
        else:
            world.kill_switch = not world.kill_switch

    def _roll_back(self) -> None:
        """A person moves AWSCURRENT back to the previous version."""
        labels_of, values = self.world.labels, self.world.values
        current, previous = self.world.labelled(CURRENT), self.world.labelled(PREVIOUS)
        if previous not in values or current not in values or current == previous:
            return
        labels_of[current] = labels_of[current] - {CURRENT} | {PREVIOUS}
        labels_of[previous] = labels_of[previous] - {PREVIOUS} | {CURRENT}
        self.world.notes &= {*values[previous].others}
        old, new = values[current].key_id, values[previous].key_id
        self.checker.disturbed |= {old, new}
        if old != new:
            self.checker.once_current |= {old: self.world.now, new: None}
            self.checker.replaced_in[old] = self.world

    def _second_tool_rotates(self) -> None:
        """It knows nothing of us: it frees a slot, and puts a key of its own into AWSCURRENT."""
        world, current = self.world, self.world.current_key()
        for key in [key for key in world.user_keys if key != current][: len(world.user_keys) - MOST_KEYS + 1]:
            self.checker.disturbed.add(key)
            world.a_person_deletes(key)
        if not world.values or len(world.user_keys) >= MOST_KEYS:
            return
        new = world.new_key(by_us=False, created_at=world.now - PROPAGATION)
        value = world.values[world.labelled(CURRENT)]
        world.a_person_puts(with_new_key(value, new))
        self.checker.disturbed |= {current, new.access_key_id}
        self.checker.once_current |= {current: world.now, new.access_key_id: None}
        self.checker.replaced_in[current] = world

    def _act_on_a_key(self, act: Act) -> None:
        world, keys = self.world, sorted(self.world.user_keys)
        if act.name.startswith("create"):
            if len(keys) < MOST_KEYS:
                world.a_person_creates(active=act.name == "create_key")
            return
        if not keys:
            return
        key = keys[act.number % len(keys)]
        self.checker.disturbed.add(key)
        if act.name == "delete_key":
            world.a_person_deletes(key)
        elif act.name == "contain_key":
            world.an_automation_deactivates(key)
        else:
            world.a_person_switches(key, on=act.name == "activate_key")

    def _act_of_a_consumer(self, act: Act) -> None:
        who = act.number % len(self.held)
        if act.name == "refresh" or who == 0:
            second = self.world.second if who == len(self.held) - 1 else None
            self.held[who] = (second or self.world).current_key()
        if act.name == "consume":
            self.checker.disturbed.add(self.held[who])
            self.world.use(self.held[who])


Rotations.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    suppress_health_check=list(HealthCheck),
)
TestRotations = Rotations.TestCase
