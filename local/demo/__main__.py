"""`make demo`: breaks access keys on a local AWS and shows the resulting alerts."""

from __future__ import annotations

import os
import sys
from typing import Final

from rich.text import Text

from local.cdk import ROOT, CdkError
from local.demo.alert_text import AlertFolder
from local.demo.automation import AUTOMATIONS
from local.demo.display import NOTHING_FAILED, Display, new_console
from local.demo.predictions import OUTAGES
from local.demo.programme import run_all
from local.demo.rotations import ROTATION
from local.demo.scenarios import SCENARIOS
from local.deployment import open_deployment
from local.emulator.process import LocalAwsError
from local.failures import UnexpectedFailuresError

STATE: Final = ROOT / ".local" / "demo"
EXAMPLES: Final = {
    SCENARIOS[0].name: "A cause: why calls fail",
    OUTAGES[0].name: "A prediction: which calls will fail",
    ROTATION.name: "A rotation: the key is replaced",
}


def main() -> int:
    is_verbose = os.environ.get("VERBOSE", "0") not in {"", "0"}
    display = Display(new_console(), EXAMPLES, is_verbose=is_verbose)
    display.introduce()
    try:
        passed = demonstrate(display)
    except (LocalAwsError, CdkError, UnexpectedFailuresError) as error:
        display.console.print(Text(f"\n{error}", style="red"))
        return 1
    display.console.print(NOTHING_FAILED)
    return 0 if passed else 1


def demonstrate(display: Display) -> bool:
    """Returns True if all scenarios had the expected result.

    Raises UnexpectedFailuresError if anything failed in the stack.
    """
    rotation = {"automations": AUTOMATIONS}
    with open_deployment(STATE, step=display.step, mode="auto", rotation=rotation) as deployment:
        folder = AlertFolder(STATE / "alerts")
        for outcome, total in run_all(deployment, display.step):
            folder.write(outcome)
            display.show(outcome, total)
        return display.summarize(str(folder.path.relative_to(ROOT)))


if __name__ == "__main__":
    sys.exit(main())
