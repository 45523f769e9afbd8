from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from tests.local.workbench import eventually, statement

if TYPE_CHECKING:
    from tests.local.workbench import Workbench

TAKES_ITS_TIME = (
    "import os, time\n"
    "def handler(event, context):\n"
    "    print('began')\n"
    "    time.sleep(event['seconds'])\n"
    "    return os.environ['COLOUR']\n"
)


def test_what_runs_goes_on_while_the_configuration_changes_and_what_comes_next_has_the_new_one(
    bench: Workbench,
) -> None:
    function = bench.function(TAKES_ITS_TIME, statement("logs:*"), COLOUR="red")
    functions = bench.client("lambda")
    answers: list[Any] = []

    def invoke(seconds: float) -> None:
        payload = json.dumps({"seconds": seconds})
        answers.append(json.load(functions.invoke(FunctionName=function, Payload=payload)["Payload"]))

    invoke(0)
    running = threading.Thread(target=invoke, args=(2,))
    running.start()
    running.join(0.5)
    functions.update_function_configuration(
        FunctionName=function, Environment={"Variables": {"COLOUR": "blue"}}
    )
    invoke(0)
    assert answers == ["red", "blue"]
    assert eventually(lambda: answers == ["red", "blue", "red"])
