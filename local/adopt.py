"""`make adopt`: imports what a deleted deployment has left behind into a new stack of the same name.

The new stack then contains the retained tables and their key alone; `make deploy` adds everything else.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from local.account import find_account, is_confirmed, reporting_errors
from local.cdk import MAIN_STACK
from local.deploy import run
from local.main_stack import find_outputs, find_retained

if TYPE_CHECKING:
    from local.main_stack import Resources


def main() -> int:
    account = find_account()
    print(f"Adopt the retained resources of an earlier {MAIN_STACK} in {account}.")
    if find_outputs() is not None:
        print("There is a stack of this name, which has resources of its own. Remove it first.")
        return 1
    resources = choose_resources()
    if resources is None:
        return 1
    print("These resources become part of the new stack:", json.dumps(resources, indent=2), sep="\n")
    return import_resources(resources) if is_confirmed(account) else 1


def choose_resources() -> Resources | None:
    """Those in the file RESOURCES, those of the deleted stack STACK, or those of the only one there is."""
    if file := os.environ.get("RESOURCES"):
        named: Resources = json.loads(Path(file).read_text())
        return named
    retained = find_retained()
    chosen = os.environ.get("STACK")
    candidates = [it for it in retained if chosen in {None, "", it}]
    different = {json.dumps(retained[it], sort_keys=True) for it in candidates}
    if len(different) == 1:
        return retained[candidates[0]]
    print(
        f"CloudFormation knows {len(different)} sets of retained resources. Choose one by STACK or RESOURCES."
    )
    for stack_id, resources in retained.items():
        print(f"STACK={stack_id}", json.dumps(resources, indent=2), sep="\n")
    return None


def import_resources(resources: Resources) -> int:
    with TemporaryDirectory() as directory:
        mapping = Path(directory) / "resources.json"
        mapping.write_text(json.dumps(resources))
        if code := run("import", MAIN_STACK, "--resource-mapping", str(mapping)):
            return code
    print("Adopted. `make deploy` adds everything else.")
    return 0


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
