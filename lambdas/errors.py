"""The two kinds of error, which decide about retries. Adapters translate SDK errors into one of them."""


class TransientError(Exception):
    """A retry may succeed, perhaps once a permission is granted: SQS delivers the message again."""


class PermanentError(Exception):
    """No retry can help: the message goes to the dead-letter queue, with this error's text as the reason."""


class BusyError(TransientError):
    """Another worker holds the claim. Nothing is wrong: SQS delivers the message again."""
