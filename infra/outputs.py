"""The outputs of the main stack, whose names others rely on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput

from infra.application_logs.log_reading import READ_LOGS, SUBSCRIBE_LOGS

if TYPE_CHECKING:
    from aws_cdk import Stack
    from aws_cdk.aws_sqs import Queue

    from infra.resources import Functions, StackResources


def add_outputs(
    stack: Stack, resources: StackResources, functions: Functions, *, lifecycle_queue: Queue
) -> None:
    storage, channels = resources.storage, resources.channels
    intake, switches = resources.intake, resources.switches
    outputs = {
        "AlertTopicArn": channels.alert_topic.topic_arn,
        "OperationsTopicArn": channels.operations_topic.topic_arn,
        "IncidentBusName": channels.incident_bus.event_bus_name,
        "LedgerTableName": storage.ledger_table.table_name,
        "IncidentTableName": storage.incident_table.table_name,
        "ExemptionTableName": storage.exemption_table.table_name,
        "SignalQueueUrl": intake.signal_queue.queue_url,
        "KeyLifeCycleQueueUrl": lifecycle_queue.queue_url,
        "DeadLetterQueueUrl": intake.dead_letter_queue.queue_url,
        "UndeliveredQueueUrl": channels.undelivered_queue.queue_url,
        "RemediateFunctionName": functions.remediate.function_name,
        "AlertTimerFunctionName": functions.alert_timer.function_name,
        "TrackKeysFunctionName": functions.track_keys.function_name,
        "SyncKeysFunctionName": functions.sync_keys.function_name,
        "EnrolUsersFunctionName": functions.enrol_users.function_name,
        "RotationFunctionArn": functions.rotate_key.function_arn,
        "RetireKeysFunctionName": functions.retire_keys.function_name,
        "FailOverFunctionName": functions.fail_over.function_name,
        "ManagedSecretKeyArn": storage.key.key_arn,
        "KillSwitchParameter": switches.kill_switch.parameter_name,
        "ModeParameter": switches.mode.parameter_name,
    }
    if channels.chat_topic:
        outputs["ChatTopicArn"] = channels.chat_topic.topic_arn
    if functions.log_functions:
        outputs["ReadLogsFunctionName"] = functions.log_functions[READ_LOGS].function_name
        outputs["SubscribeLogsFunctionName"] = functions.log_functions[SUBSCRIBE_LOGS].function_name
    for name, value in outputs.items():
        CfnOutput(stack, name, value=value)
