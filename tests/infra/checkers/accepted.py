"""The accepted findings of checkov and cdk-nag, each with its reason.

An entry whose finding no longer occurs is to be removed. docs/security.md describes what matters to those who
have to comply with a standard.
"""

from __future__ import annotations

from typing import Final

from tests.infra.checkers.finding import Accepted

FUNCTIONS: Final = ("AWS::Lambda::Function *",)
LEASES: Final = ("AWS::DynamoDB::Table StorageLeases*",)

ACCEPTED: Final = (
    Accepted(
        rules=(
            "CKV_AWS_117",
            "HIPAA.Security-LambdaInsideVPC",
            "NIST.800.53.R5-LambdaInsideVPC",
            "PCI.DSS.321-LambdaInsideVPC",
        ),
        resources=FUNCTIONS,
        reason="The functions accept no connections, and call AWS APIs only, over TLS. In a VPC, each "
        "service would need an endpoint, or all of them a NAT gateway, and a wrong route would "
        "stop every alert.",
    ),
    Accepted(
        rules=(
            "HIPAA.Security-IAMPolicyNoStatementsWithFullAccess",
            "NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess",
            "PCI.DSS.321-IAMPolicyNoStatementsWithFullAccess",
        ),
        resources=(
            "AWS::IAM::Policy Remediat*",
            "AWS::IAM::Policy AlertTimer*",
            "AWS::IAM::Policy EnrolmentEnrolUsers*",
        ),
        reason="The rule reads the partition keys in a condition, such as `open:*`, as actions. "
        "tests/infra/remediation/test_permissions.py and tests/infra/enrolment/test_enrolment.py show that "
        "no action has a wildcard.",
    ),
    Accepted(
        rules=(
            "CKV_AWS_116",
            "HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5-LambdaDLQ",
            "Serverless-LambdaDLQ",
        ),
        resources=FUNCTIONS,
        reason="No function but `read_logs` has an asynchronous event to lose, and a queue of its events "
        "would hold lines with secrets in them. Messages come from queues, which have a dead-letter queue. "
        "What a scheduled run did not do, the next run does. Secrets Manager repeats the steps of a "
        "rotation, and the caller of `fail_over` gets the error.",
    ),
    Accepted(
        rules=("Serverless-LambdaAsyncFailureDestination",),
        resources=("AWS::Lambda::EventInvokeConfig *",),
        reason="Only schedules, and CloudFormation at a deployment, invoke these functions. What a failed "
        "run did not do, the next run does, and alarms watch errors and missing runs.",
    ),
    Accepted(
        rules=("Serverless-EventBusDLQ",),
        resources=("AWS::Events::Rule *Every*", "AWS::Events::Rule *ModeTurned*"),
        reason="The rules of schedules, and the one that runs `sync_keys` when the mode was changed: "
        "the next run does the work of a lost one. Rules of signals have a dead-letter queue.",
    ),
    Accepted(
        rules=("Serverless-LambdaEventSourceMappingDestination",),
        resources=("AWS::Lambda::EventSourceMapping *",),
        reason="Lambda has no destination for failures of an SQS queue: the queue has a dead-letter "
        "queue. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
    ),
    Accepted(
        rules=("Serverless-SQSRedrivePolicy",),
        resources=("AWS::SQS::Queue *DeadLetters*", "AWS::SQS::Queue *Undelivered*"),
        reason="It is itself a dead-letter queue.",
    ),
    Accepted(
        rules=("Serverless-LambdaTracing",),
        resources=FUNCTIONS,
        reason="X-Ray would cost money for each event. A failed call is logged with its name and error.",
    ),
    Accepted(
        rules=(
            "CKV_AWS_115",
            "HIPAA.Security-LambdaConcurrency",
            "NIST.800.53.R5-LambdaConcurrency",
        ),
        resources=FUNCTIONS,
        reason="Reserved concurrency is taken from the account, which must keep 100 unreserved: the "
        "deployment would fail in an account with a low quota. Event sources have a maximum "
        "concurrency, schedules start one run, and rotations have a budget for each hour. "
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
    ),
    Accepted(
        rules=(
            "CKV_AWS_158",
            "HIPAA.Security-CloudWatchLogGroupEncrypted",
            "NIST.800.53.R5-CloudWatchLogGroupEncrypted",
            "PCI.DSS.321-CloudWatchLogGroupEncrypted",
        ),
        resources=("AWS::Logs::LogGroup *",),
        reason="CloudWatch Logs encrypts the logs, which contain no secrets. Under the stack's key "
        "they would be unreadable whenever that key is disabled, which is when they have to say "
        "why nothing works.",
    ),
    Accepted(
        rules=("CKV_AWS_173",),
        resources=FUNCTIONS,
        reason="The variables are names and settings, no secrets, and Lambda encrypts them. Under the "
        "stack's key, all who deploy or describe a function would need the key that encrypts "
        "managed secrets. "
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
    ),
    Accepted(
        rules=("HIPAA.Security-DynamoDBInBackupPlan", "NIST.800.53.R5-DynamoDBInBackupPlan"),
        resources=("AWS::DynamoDB::Table *",),
        reason="Point-in-time recovery restores the tables to any second of the last 35 days. How long "
        "backups are kept, and where, is a policy of the organisation, whose backup plan can "
        "select the tables.",
    ),
    Accepted(
        rules=(
            "CKV_AWS_28",
            "HIPAA.Security-DynamoDBPITREnabled",
            "NIST.800.53.R5-DynamoDBPITREnabled",
        ),
        resources=LEASES,
        reason="The table holds leases of less than a minute, and work state that is rebuilt if lost. "
        "Recovering an earlier state has no use.",
    ),
    Accepted(
        rules=(
            "HIPAA.Security-IAMNoInlinePolicy",
            "NIST.800.53.R5-IAMNoInlinePolicy",
            "PCI.DSS.321-IAMNoInlinePolicy",
        ),
        resources=("AWS::IAM::Policy *",),
        reason="Each policy belongs to one role and is deleted with it. A managed policy could be "
        "attached to another principal.",
    ),
    Accepted(
        rules=("CKV_AWS_27",),
        resources=("AWS::SQS::Queue *",),
        reason="checkov looks for a KMS key only. The queues are encrypted with SQS-managed keys "
        "(docs/decisions/0001-queues-use-sqs-managed-keys.md).",
    ),
    Accepted(
        rules=(
            "CKV_AWS_26",
            "HIPAA.Security-SNSEncryptedKMS",
            "NIST.800.53.R5-SNSEncryptedKMS",
            "PCI.DSS.321-SNSEncryptedKMS",
        ),
        resources=("AWS::SNS::Topic Operations*",),
        reason="The topic of another region gets only the texts of its alarms. CloudWatch cannot publish "
        "under the key of SNS, and a key in each region would cost money to protect the names of queues "
        "and rules (docs/decisions/0007-other-regions-forward-to-a-bus-of-their-own.md).",
    ),
)
