"""The causes in their order of precedence: the first that matches is the diagnosis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.domain.causes import key_deleted, key_inactive, not_a_key_failure, root_key, unknown_key

if TYPE_CHECKING:
    from lambdas.domain.diagnosis import Case, Diagnosis

_IN_ORDER = (not_a_key_failure.diagnose, root_key.diagnose, key_deleted.diagnose, key_inactive.diagnose)


def diagnose(case: Case) -> Diagnosis:
    found = (diagnosis for cause in _IN_ORDER if (diagnosis := cause(case)) is not None)
    return next(found, None) or unknown_key.diagnose(case)
