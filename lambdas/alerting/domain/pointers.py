"""Where an alert sends its reader: whom to ask, the page about it, and how to keep it quiet."""

from __future__ import annotations

from datetime import datetime, timedelta

from lambdas.alerting.domain.incident_wording import duration
from lambdas.aws.domain.access_key_id import is_temporary
from lambdas.aws.domain.deployment import Deployment
from lambdas.aws.domain.iam_events import DELETE_KEY, UPDATE_KEY
from lambdas.aws.domain.wording import moment
from lambdas.detection.domain.folding import is_shared
from lambdas.diagnosis.domain.cause import Cause
from lambdas.diagnosis.domain.diagnosis import Case
from lambdas.diagnosis.domain.evidence import Evidence
from lambdas.incidents.domain.incident import Incident
from lambdas.text import is_user_name, sanitize, sanitize_account, sanitize_name

ALERTS_PAGE, ROTATION_PAGE, EXEMPTIONS_PAGE = "alerts.md", "rotation.md", "exemptions.md"
DEPLOYMENT_PAGE = "deployment.md"


def page(deployment: Deployment, name: str) -> str:
    """A link where the documentation has an address, else the file, which no mail client takes for a domain
    of Moldova.
    """
    link = f"{deployment.runbook_url}{name}"
    return link if deployment.runbook_url else f"docs/{name.replace('.', '[.]')}"


def where(deployment: Deployment) -> str:
    account = sanitize_account(deployment.account_label(deployment.account))
    return f"Account {account}, {sanitize(deployment.region, 30)}"


def whom_to_ask(case: Case, cause: Cause, at: datetime) -> tuple[str, ...]:
    """Who ended the key's use: to undo it without asking may undo a containment. Nobody is asked about a
    leaked key, which is to be contained, and no program is asked.
    """
    ended = None if cause is Cause.QUARANTINED_KEY else _who_ended_it(case)
    if ended is None or case.deployment.is_program(ended[1]):
        return ()
    what, by, ended_at = ended
    passed = at - ended_at
    ago = f" ({duration(passed)} ago)" if passed >= timedelta(seconds=1) else ""
    return (f"First ask {sanitize(by)}, who {what} at {moment(ended_at)}{ago}.",)


def how_to_keep_it_quiet(incident: Incident, cause: Cause, owner: str, deployment: Deployment) -> str:
    if cause is Cause.QUARANTINED_KEY or incident.exposes_secret:
        return "No exemption suppresses this alert."
    names = [f"cause {cause}" if is_shared(incident.key) else "this key"]
    if incident.key.startswith("none:") or is_temporary(incident.key):  # no id, or one that soon is another
        names = [f"cause {cause}", "the network of the callers"]
    names += [f"user {sanitize_name(owner)}"] if is_user_name(owner) else []
    return f"To keep it quiet: exempt {' or '.join(names)}, see {page(deployment, EXEMPTIONS_PAGE)}"


def _who_ended_it(case: Case) -> tuple[str, str, datetime] | None:
    change = case.signal.predicted_outage
    if change is None or change.is_leak:
        return _on_record(case.evidence)
    what = {UPDATE_KEY: "deactivated it", DELETE_KEY: "deleted it"}.get(change.event_name, "deleted the user")
    return (what, change.by, change.at) if change.by else None


def _on_record(evidence: Evidence) -> tuple[str, str, datetime] | None:
    owner, key = evidence.owner, evidence.key
    if key is not None:
        change = None if key.is_active else evidence.latest(UPDATE_KEY, "Inactive")
        return ("deactivated it", change.by, change.at) if change and change.by else None
    if owner is not None and owner.deletion and owner.deletion.by:
        return "deleted the user", owner.deletion.by, owner.deletion.until
    deleted = evidence.latest(DELETE_KEY)
    return ("deleted it", deleted.by, deleted.at) if deleted and deleted.by else None
