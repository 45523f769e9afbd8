"""Turns signals into incidents, and acts on them. Start at `pipeline.py`. Runs in `remediate`, which reads
the signal queue, and in `alert_timer`, every minute.
"""
