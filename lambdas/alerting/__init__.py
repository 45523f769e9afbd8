"""What is sent, and how: alerts, chat messages and events. Start at `delivery.py`, or at `domain/alert.py`
for the text of an alert. Sends to two SNS topics and the incident bus, and records each delivery in the lease
table.
"""
