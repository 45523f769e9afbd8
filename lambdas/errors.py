"""The two kinds of error, which carry the retry policy; SDK errors become one of them in the adapters."""


class TransientError(Exception):
    """What failed may work later, a permission granted included: the message is tried again."""


class PermanentError(Exception):
    """No retry can help: the message goes to the dead-letter queue with this error's text as its reason."""


class BusyError(TransientError):
    """Another worker is at the same incident: nothing is wrong, the message only has to come again."""
