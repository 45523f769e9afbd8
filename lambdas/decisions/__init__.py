"""Decides what is done about a diagnosis: guardrails, the mode in effect, severity, exemptions.

Start at `domain/guardrails.py`, then `domain/decision.py`. Reads the exemption table; sends nothing.
"""
