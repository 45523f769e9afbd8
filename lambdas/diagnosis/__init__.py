"""Finds out why a call was refused: reads evidence about the key, and derives the one cause from it.

Start at `evidence_gatherer.py`, then `domain/causes/__init__.py`. Stores and sends nothing.
"""
