"""Rotation: a user's key is replaced through its managed secret, and the old one retired later.

What was begun is written down before it is done (RotationState), so that a run that died can be told from
a person's own doing, and nothing is lost or taken twice.
"""
