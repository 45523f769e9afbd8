"""The most memory that this process has had."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")
MEBIBYTE = 1024 * 1024


def peak_bytes() -> int:
    """Linux passes `ru_maxrss` on from the process that started this one, be it much larger; its status
    file tells of this one alone. macOS counts `ru_maxrss` in bytes.
    """
    if _STATUS.exists() and (own := _PEAK.search(_STATUS.read_text())):
        return int(own[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
