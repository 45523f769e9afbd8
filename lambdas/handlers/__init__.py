"""The entry points: one module for each Lambda function, and `bootstrap/`, which wires it.

Start at `remediate.py` and `bootstrap/remediate.py`; the others have the same form.
Stores nothing itself; logs and metrics are in `bootstrap/reporting.py`.
"""
