"""AWS as every room sees it: users, keys, calls and events, and the adapters that read them.

Start at `ports.py` for what can be asked, and at `adapters/client_errors.py` for how errors are translated.
Stores only the probe key, in the lease table.
"""
