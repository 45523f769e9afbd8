"""The names of the ledger's indexes. domain/near_miss.py explains what tail and middle are for."""

from __future__ import annotations

OWNER_INDEX = "OwnerIndex"
TAIL_INDEX = "TailIndex"
MIDDLE_INDEX = "MiddleIndex"
