"""A flood of ids that nothing knows, and what it does to the alerts of known keys."""
