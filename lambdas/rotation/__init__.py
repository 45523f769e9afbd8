"""Replaces a user's key through its managed secret, or fails over to another key. Start at `rotator.py`, or
`fail_over.py`. The state of each secret's rotations is stored in the ledger's table, and notifications go
through the signal queue: every step may be repeated or interrupted, because it is recorded first.
"""
