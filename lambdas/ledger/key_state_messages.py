"""The kinds of messages by which the ledger reports a changed key to `remediate`."""

from __future__ import annotations

DETAIL_TYPE = "Access Key Switched Off In Use"

CHANGED_TYPE = "Access Key Changed"
