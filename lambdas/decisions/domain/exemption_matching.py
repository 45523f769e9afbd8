"""Which exemptions apply to an incident, as it is known so far."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.exemption import Scope, network_of
from lambdas.detection.domain.signal_group import MAX_CALLERS
from lambdas.diagnosis.domain.cause import Cause
from lambdas.text import sanitize, sanitize_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from lambdas.aws.domain.iam import Caller
    from lambdas.decisions.domain.exemption import Exemption
    from lambdas.diagnosis.domain.diagnosis import Case

# Only these may be of another account for certain: a mistyped id decodes to any.
_OF_ANOTHER_ACCOUNT = frozenset({Cause.OTHER_ACCOUNT, Cause.TEMPORARY_CREDENTIAL})
_HARMLESS = re.compile(r"[A-Za-z0-9/_-]+")


def matching_exemptions(
    in_force: Sequence[Exemption], case: Case, cause: Cause, callers: Iterable[Caller]
) -> tuple[Exemption, ...]:
    """One that covers the whole incident, else the networks that hold all its callers; empty where
    somebody or something is left over. `callers` are those that the incident knows of.
    """
    whole = (exemption for exemption in in_force if _covers(exemption, case, cause))
    found = next(whole, None)
    return (found,) if found else _networks(in_force, case, callers)


def clause(exemptions: Sequence[Exemption]) -> str:
    """For people, harmless to print; empty where there are none."""
    if not exemptions:
        return ""
    terms = [
        f"{shown(each)} until {moment(each.expires)}"
        f" ({sanitize(each.reason, 80)}; by {sanitize(each.author, 80)})"
        for each in exemptions
        if each.expires
    ]
    return f"exempt by {', '.join(terms)}"


def shown(exemption: Exemption) -> str:
    """Its name, harmless to print."""
    scope, value = exemption.scope, exemption.value
    if scope is None:
        return sanitize(exemption.name, 80)
    network = network_of(value) if scope is Scope.NETWORK else None
    if network is not None or _HARMLESS.fullmatch(value[:80]):
        return f"{scope}:{network or value[:80]}"
    return f"{scope}:{sanitize_name(value) if scope is Scope.USER else sanitize(value, 80)}"


def _covers(exemption: Exemption, case: Case, cause: Cause) -> bool:
    owner, value = case.evidence.owner, exemption.value
    match exemption.scope:
        case Scope.KEY:
            return case.signal.incident_key == value
        case Scope.USER:
            return owner is not None and owner.name == value
        case Scope.PATH:
            return owner is not None and owner.path.startswith(value)
        case Scope.ACCOUNT:
            return value in _accounts(case, cause)
        case Scope.CAUSE:
            return cause == value
    return False


def _accounts(case: Case, cause: Cause) -> Collection[str]:
    """The one in which the call failed, and the one whose the key is where it is another's."""
    key_id = case.signal.access_key_id
    foreign = case.evidence.account_told or decode_account(key_id) if cause in _OF_ANOTHER_ACCOUNT else None
    return {case.signal.account, foreign or case.signal.account}


def _networks(in_force: Sequence[Exemption], case: Case, callers: Iterable[Caller]) -> tuple[Exemption, ...]:
    """None where not every caller is known: who will fail with a key that was switched off, and who else
    did where an incident has as many callers as it can keep.
    """
    everybody = {case.signal.caller, *callers}
    if case.signal.switched_off or len(everybody) >= MAX_CALLERS:
        return ()
    holding = [_holding(in_force, caller.source) for caller in everybody]
    networks = {each.name: each for each in holding if each}
    return tuple(networks[name] for name in sorted(networks)) if all(holding) else ()


def _holding(in_force: Sequence[Exemption], source: str) -> Exemption | None:
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return None
    return next((each for each in in_force if _holds(each, address)), None)


def _holds(exemption: Exemption, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    network = network_of(exemption.value) if exemption.scope is Scope.NETWORK else None
    return network is not None and address in network
