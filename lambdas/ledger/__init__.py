"""The ledger: what is known of every key and user, dead ones too.

It is fed by life-cycle records, which may come late, twice, in any order or never, and by listings of
IAM. So an entry is never changed but joined with another of the same key or user; the join is
associative, commutative and idempotent, which makes every order and repetition end in the same entry.
"""
