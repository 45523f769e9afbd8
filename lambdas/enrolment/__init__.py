"""Decides which users' keys are managed, and creates their secrets. Start at `enroller.py`, which processes
one user from the enrolment queue. It records the binding in the state of the secret's rotations, and sends
refusals through the signal queue.
"""
