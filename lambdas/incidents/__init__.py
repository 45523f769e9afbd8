"""The state of one key's trouble, from the first failure until it is quiet. Start at `domain/incident.py`.
Stored in the incident table; each transition is a conditional write.
"""
