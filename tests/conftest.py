from __future__ import annotations

import os

from hypothesis import settings

# How long an example takes says something of the machine and of what else it does, nothing of the code. What
# `.ci/run` draws is always the same, so that it tells of the change; a developer's run goes on searching.
settings.register_profile("any-machine", deadline=None, derandomize="SAME_EXAMPLES" in os.environ)
settings.load_profile("any-machine")
