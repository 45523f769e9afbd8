"""Owner, status and history of every access key, deleted ones included.

Start at `tracker.py` (changes recorded by CloudTrail) or `sync.py` (listings of IAM). Stores one entry per
key and per user name in the ledger table. Records may be late, repeated, out of order or lost, so an entry is
never overwritten: it is merged with another of the same key or user. Merging is associative, commutative and
idempotent, so the order and repetition of records do not matter.
"""
