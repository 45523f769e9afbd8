"""Finds the exemptions that apply to an incident."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Iterable, Sequence

from lambdas.aws.domain.access_key_id import decode_account
from lambdas.aws.domain.iam import Caller
from lambdas.aws.domain.wording import moment
from lambdas.decisions.domain.exemption import Exemption, Scope, network_of
from lambdas.detection.domain.callers import MAX_CALLERS
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case
from lambdas.text import sanitize, sanitize_name

# With any other cause, a foreign account in the id may be the result of a typing error.
_FOREIGN_KEY_CAUSES = frozenset({Cause.OTHER_ACCOUNT, Cause.TEMPORARY_CREDENTIAL})
_SAFE_VALUE = re.compile(r"[A-Za-z0-9/_-]+")


def matching_exemptions(
    in_force: Sequence[Exemption], case: Case, cause: Cause, callers: Iterable[Caller]
) -> tuple[Exemption, ...]:
    """One exemption that covers the whole incident, or the networks that together contain all its callers.
    Empty if the incident is not completely covered. `callers` are those of the incident so far.
    """
    covering = next((exemption for exemption in in_force if _covers(exemption, case, cause)), None)
    return (covering,) if covering else _matching_networks(in_force, case, callers)


def describe_exemptions(exemptions: Sequence[Exemption]) -> str:
    """A clause, safe to print. Empty if there are no exemptions."""
    if not exemptions:
        return ""
    terms = [
        f"{display_name(each)} until {moment(each.expires)}"
        f" ({sanitize(each.reason, 80)}; by {sanitize(each.author, 80)})"
        for each in exemptions
        if each.expires
    ]
    return f"exempt by {', '.join(terms)}"


def display_name(exemption: Exemption) -> str:
    """The exemption's name, safe to print."""
    scope, value = exemption.scope, exemption.value
    if scope is None:
        return sanitize(exemption.name, 80)
    network = network_of(value) if scope is Scope.NETWORK else None
    if network is not None or _SAFE_VALUE.fullmatch(value[:80]):
        through = f" through {sanitize(exemption.vpc_endpoint, 30)}" if exemption.vpc_endpoint else ""
        return f"{scope}:{network or value[:80]}{through}"
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
    """The account in which the call failed, and the account of a foreign key."""
    key_id = case.signal.access_key_id
    foreign = case.evidence.sts_account or decode_account(key_id) if cause in _FOREIGN_KEY_CAUSES else None
    return {case.signal.account, foreign or case.signal.account}


def _matching_networks(
    in_force: Sequence[Exemption], case: Case, callers: Iterable[Caller]
) -> tuple[Exemption, ...]:
    """Empty if callers may be unknown: those of a predicted outage have not called yet, and an incident with
    MAX_CALLERS may have had more.
    """
    known = {case.signal.caller, *callers}
    if case.signal.predicted_outage or len(known) >= MAX_CALLERS:
        return ()
    found = [_network_containing(in_force, caller) for caller in known]
    networks = {each.name: each for each in found if each}
    return tuple(networks[name] for name in sorted(networks)) if all(found) else ()


def _network_containing(in_force: Sequence[Exemption], caller: Caller) -> Exemption | None:
    """Of the callers that came through the same VPC endpoint, or through none, as the exemption says: who
    owns a VPC may use any addresses in it, those of others included.
    """
    try:
        address = ipaddress.ip_address(caller.source)
    except ValueError:
        return None
    of_endpoint = (each for each in in_force if each.vpc_endpoint == caller.vpc_endpoint)
    return next((each for each in of_endpoint if _contains(each, address)), None)


def _contains(exemption: Exemption, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    network = network_of(exemption.value) if exemption.scope is Scope.NETWORK else None
    return network is not None and address in network
