"""The ledger's indexes, named here for the stack that makes them and the adapter that asks them.

Of two ids that are one slip apart (one character wrong, missing or too many, or two neighbours exchanged) at
least one of two pieces is the same in both: the last three characters (`tail`), or the four at positions 13
to 16 (`middle`). So the near misses of an id are all found by two queries, however many keys there are.
"""

from __future__ import annotations

OWNER_INDEX = "OwnerIndex"
TAIL_INDEX = "TailIndex"
MIDDLE_INDEX = "MiddleIndex"
