from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
CUSTOM_NOTIFICATION_SCHEMA = ROOT / "tests" / "support" / "custom-notification.schema.json"
# Records and log lines next to the repository; tests that need them skip where they are absent.
SHARED_DATA = ROOT.parent / "shared" / "data"
