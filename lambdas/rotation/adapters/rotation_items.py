"""The state of a managed secret's rotations as an item of the ledger's table.

Its `accessKeyId` is `rotation:` and the secret's name, which no key can have. No secret is in it: ids, names
and times alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lambdas.aws.adapters.item_codec import iso, iso_or_none, time_of
from lambdas.aws.json_fields import utc_time
from lambdas.rotation.domain.fail_overs import BorrowedKey, LentKey, Move
from lambdas.rotation.domain.rotation_state import CreatedKey, Intent, RotationState, Superseded

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "rotation:"


def state_item_id(secret_name: str) -> str:
    return PREFIX + secret_name


def state_item(state: RotationState) -> dict[str, Any]:
    return {
        "accessKeyId": state_item_id(state.secret_name),
        "userName": state.user_name,
        "userId": state.user_id,
        "intents": {
            token: {"existing": sorted(intent.existing), "at": iso(intent.at)}
            for token, intent in state.intents.items()
        },
        "made": [
            {
                "key": made.access_key_id,
                "token": made.token,
                "at": iso(made.at),
                "tested": made.tested,
                "promoted": made.promoted,
            }
            for made in state.made
        ],
        "superseded": [_superseded_item(one) for one in state.superseded],
        "finishedAt": iso_or_none(state.finished_at),
        "inService": state.in_service,
        "previous": state.previous,
        "move": _move_item(state.move) if state.move else None,
        "loan": _loan_item(state.loan) if state.loan else None,
        "lent": [
            {"key": lent.access_key_id, "borrower": lent.borrower, "since": iso(lent.since)}
            for lent in state.lent
        ],
        "abandoned": list(state.abandoned),
        "finished": list(state.finished),
        "returnedAt": iso_or_none(state.returned_at),
        "endedAt": iso_or_none(state.ended_at),
    }


def state_of(secret_name: str, item: Mapping[str, Any]) -> RotationState:
    """The state before the first rotation where there is no item."""
    return RotationState(
        secret_name=secret_name,
        user_name=item.get("userName", ""),
        user_id=item.get("userId", ""),
        intents={
            token: Intent(existing=frozenset(intent["existing"]), at=time_of(intent["at"]))
            for token, intent in item.get("intents", {}).items()
        },
        made=tuple(
            CreatedKey(
                access_key_id=made["key"],
                token=made["token"],
                at=time_of(made["at"]),
                tested=made["tested"],
                promoted=made["promoted"],
            )
            for made in item.get("made", ())
        ),
        superseded=tuple(_superseded_of(one) for one in item.get("superseded", ())),
        finished_at=utc_time(item.get("finishedAt")),
        in_service=item.get("inService", ""),
        previous=item.get("previous", ""),
        move=_move_of(item["move"]) if item.get("move") else None,
        loan=_loan_of(item["loan"]) if item.get("loan") else None,
        lent=tuple(
            LentKey(access_key_id=lent["key"], borrower=lent["borrower"], since=time_of(lent["since"]))
            for lent in item.get("lent", ())
        ),
        abandoned=tuple(item.get("abandoned", ())),
        finished=tuple(item.get("finished", ())),
        returned_at=utc_time(item.get("returnedAt")),
        ended_at=utc_time(item.get("endedAt")),
        version=int(item.get("version", 0)),
    )


def _move_item(move: Move) -> dict[str, str]:
    return {"token": move.token, "key": move.access_key_id, "at": iso(move.at)}


def _move_of(item: Mapping[str, str]) -> Move:
    return Move(token=item["token"], access_key_id=item["key"], at=time_of(item["at"]))


def _loan_item(loan: BorrowedKey) -> dict[str, str]:
    return {"key": loan.access_key_id, "lender": loan.lender, "since": iso(loan.since)}


def _loan_of(item: Mapping[str, str]) -> BorrowedKey:
    return BorrowedKey(access_key_id=item["key"], lender=item["lender"], since=time_of(item["since"]))


def _superseded_item(one: Superseded) -> dict[str, Any]:
    return {
        "key": one.access_key_id,
        "at": iso(one.at),
        "retireAfter": iso(one.retire_after),
        "retiringAt": iso_or_none(one.retiring_at),
        "deactivatedAt": iso_or_none(one.deactivated_at),
    }


def _superseded_of(item: Mapping[str, Any]) -> Superseded:
    return Superseded(
        access_key_id=item["key"],
        at=time_of(item["at"]),
        retire_after=time_of(item["retireAfter"]),
        retiring_at=utc_time(item.get("retiringAt")),
        deactivated_at=utc_time(item.get("deactivatedAt")),
    )
