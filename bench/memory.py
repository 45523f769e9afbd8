"""The peak memory of this process."""

from __future__ import annotations

import re
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")
_PEAK = re.compile(r"VmHWM:\s*(\d+) kB")
MEBIBYTE = 1024 * 1024


def peak_bytes() -> int:
    """On Linux, `ru_maxrss` includes the peak of the parent process, so the status file is read instead. On
    macOS, `ru_maxrss` is in bytes.
    """
    if _STATUS.exists() and (own := _PEAK.search(_STATUS.read_text())):
        return int(own[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
