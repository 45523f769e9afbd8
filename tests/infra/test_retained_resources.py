"""Holds logical ids: if one changes, CloudFormation creates a new resource instead of the one in use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.main_stack import IDENTIFIERS
from tests.infra.synthesis import HOME_STACK, OTHER_STACK, STACK, arn, named

if TYPE_CHECKING:
    from tests.infra.synthesis import Json

# A new table would be empty, and a new key could not decrypt what the old one encrypted.
RETAINED = {
    "StorageKeyBAA9457B": "AWS::KMS::Key",
    "StorageLedger5E7CB2E3": "AWS::DynamoDB::Table",
    "StorageIncidents342872B3": "AWS::DynamoDB::Table",
    "StorageExemptions353D988F": "AWS::DynamoDB::Table",
}
# Subscriptions, dashboards and scripts depend on the outputs and on the resources that they name.
OUTPUTS = {
    "AlertTopicArn": "NotificationAlertsE8F0AAC7",
    "OperationsTopicArn": "NotificationOperationsD95E1BE6",
    "IncidentBusName": "NotificationIncidentsF0A458CB",
    "LedgerTableName": "StorageLedger5E7CB2E3",
    "IncidentTableName": "StorageIncidents342872B3",
    "ExemptionTableName": "StorageExemptions353D988F",
    "SignalQueueUrl": "IntakeSignals07CAA10D",
    "KeyLifeCycleQueueUrl": "TrackingKeyLifeCycle7E98437F",
    "DeadLetterQueueUrl": "IntakeDeadLettersA15864BB",
    "UndeliveredQueueUrl": "NotificationUndeliveredF0862E28",
    "RemediateFunctionName": "RemediationRemediateDF07A8D6",
    "AlertTimerFunctionName": "AlertTimer6FA9F9B3",
    "TrackKeysFunctionName": "TrackingTrackKeys5A33173D",
    "SyncKeysFunctionName": "TrackingSyncKeysE1873B2F",
    "EnrolUsersFunctionName": "EnrolmentEnrolUsersC2AF2E4F",
    "RotationFunctionArn": "RotationRotateKey91BF0038",
    "RetireKeysFunctionName": "RetirementRetireKeysF503963F",
    "FailOverFunctionName": "FailingOverFailOverA081DB51",
    "ManagedSecretKeyArn": "StorageKeyBAA9457B",
    "KillSwitchParameter": "SwitchesKillSwitch5B6B30C9",
    "ModeParameter": "SwitchesModeEF9180BB",
    "ReadLogsFunctionName": "LogReadingReadLogs40095262",
    "SubscribeLogsFunctionName": "LogReadingSubscribeLogs39922A53",
}


def test_retained_resources_keep_their_logical_ids(template: Json, abroad: dict[str, Json]) -> None:
    for main in (template, abroad[STACK]):
        retained = {
            logical_id: resource["Type"]
            for logical_id, resource in main["Resources"].items()
            if "Retain" in resource.get("DeletionPolicy", "") + resource.get("UpdateReplacePolicy", "")
        }
        assert retained == RETAINED


def test_a_new_stack_can_import_what_an_old_one_retained(template: Json) -> None:
    """An import creates nothing else, so that no property may refer to another resource of the stack.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources.html
    """
    retained = {logical_id: template["Resources"][logical_id] for logical_id in RETAINED}
    assert {resource["Type"] for resource in retained.values()} == {*IDENTIFIERS}
    text = json.dumps(retained)
    others = [logical_id for logical_id in template["Resources"] if logical_id not in RETAINED]
    assert [logical_id for logical_id in others if f'"{logical_id}"' in text] == []
    assert all("DependsOn" not in resource for resource in retained.values())


def test_the_retained_key_encrypts_every_retained_table_and_every_managed_secret(template: Json) -> None:
    key = arn("StorageKeyBAA9457B")
    tables = [name for name, kind in RETAINED.items() if kind == "AWS::DynamoDB::Table"]
    encrypted = [template["Resources"][name]["Properties"]["SSESpecification"] for name in tables]
    assert [it["KMSMasterKeyId"] for it in encrypted] == [key] * len(tables)
    _, enrol_users = named(template, "AWS::Lambda::Function", "EnrolUsers")
    assert enrol_users["Environment"]["Variables"]["MANAGED_SECRET_KEY_ARN"] == key


def test_the_outputs_are_those_that_others_rely_on_and_name_the_same_resources(template: Json) -> None:
    resources = {
        name: output["Value"].get("Ref") or output["Value"]["Fn::GetAtt"][0]
        for name, output in template["Outputs"].items()
    }
    assert resources == OUTPUTS


@pytest.mark.parametrize("stack", [HOME_STACK, OTHER_STACK])
def test_a_stack_of_another_region_retains_nothing_and_names_its_dead_letters_and_topic(
    abroad: dict[str, Json], stack: str
) -> None:
    assert "Retain" not in str(abroad[stack]["Resources"])
    assert {*abroad[stack]["Outputs"]} == {"RegionalDeadLetterQueueUrl", "RegionalOperationsTopicArn"}
