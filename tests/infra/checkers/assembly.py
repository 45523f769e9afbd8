"""Synthesises a configuration, and reads the assembly's templates, construct paths and cdk-nag's report."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING

from cdk_nag import HIPAASecurityChecks, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks

from infra.config.config import Config
from tests.infra.checkers.finding import Finding
from tests.infra.synthesis import app_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.infra.synthesis import Json

PACKS = (ServerlessChecks, NIST80053R5Checks, PCIDSS321Checks, HIPAASecurityChecks)

OWN_WARNINGS = "Construct Annotations"  # those of infra/


def synthesise_with_packs(context: Json, outdir: Path, region: str | None) -> list[Finding]:
    """Leaves the assembly in `outdir`. The AWS Solutions rules, which every deployment passes, are not among
    the packs.
    """
    app, _ = app_with(Config.from_context(context), outdir, region=region, packs=PACKS)
    with suppress(RuntimeError):  # raised for any finding
        app.synth()
    return [*_findings(outdir)]


def _findings(outdir: Path) -> Iterator[Finding]:
    resources = _resources_by_path(outdir)
    reports = json.loads((outdir / "validation-report.json").read_text())["pluginReports"]
    of_packs = [report for report in reports if report["pluginName"] != OWN_WARNINGS]
    assert len(of_packs) == len(PACKS)
    for pack in of_packs:
        for violation in pack["violations"]:
            for construct in violation["violatingConstructs"]:
                yield Finding(violation["ruleName"], resources[construct["constructPath"]])


def _resources_by_path(outdir: Path) -> dict[str, str]:
    return {
        path.removeprefix("/"): f"{types[entry['data']]} {entry['data']}"
        for template in outdir.glob("*.template.json")
        for types in [_types(template)]
        for path, entries in json.loads(_metadata(template).read_text()).items()
        for entry in entries
        if entry["type"] == "aws:cdk:logicalId" and entry["data"] in types
    }


def _types(template: Path) -> dict[str, str]:
    resources = json.loads(template.read_text())["Resources"]
    return {logical_id: resource["Type"] for logical_id, resource in resources.items()}


def _metadata(template: Path) -> Path:
    return template.with_name(template.name.replace(".template.", ".metadata."))
