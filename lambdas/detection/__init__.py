"""Turns the messages of the signal queue into signals, grouped by access key.

Start at `signal_parser.py`. Stores and sends nothing.
"""
