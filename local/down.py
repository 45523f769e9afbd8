"""`make down`: stops the server that `make up` started."""

from __future__ import annotations

from local.emulator.process import running
from local.up import HOME, STATE


def main() -> None:
    aws = running(STATE)
    if aws is None:
        print("No local AWS of `make up` is running.")
        return
    aws.stop()
    for name in ("env", "outputs.json"):
        (HOME / name).unlink(missing_ok=True)
    print(f"The local AWS on {aws.endpoint_url} was stopped.")


if __name__ == "__main__":
    main()
