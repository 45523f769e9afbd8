"""Deactivates, deletes or reactivates replaced keys, and repairs interrupted rotations. Start at
`retirement_run.py`, which runs every hour. It writes to the states of the rotations, and sends notifications
through the signal queue.
"""
