"""Remedies as commands with the real names filled in; a test runs each as printed."""

from __future__ import annotations

from lambdas.domain.diagnosis import Remedy
from lambdas.domain.inert_text import shell_word


def reactivate(user_name: str, access_key_id: str) -> Remedy:
    return Remedy(
        purpose="Reactivate the key, unless it was switched off on purpose",
        commands=(
            (
                f"aws iam update-access-key --user-name {shell_word(user_name)}"
                f" --access-key-id {access_key_id} --status Active"
            ),
        ),
    )


def list_keys(user_name: str) -> Remedy:
    return Remedy(
        purpose="See the owner's keys",
        commands=(f"aws iam list-access-keys --user-name {shell_word(user_name)}",),
    )


def replace_key(user_name: str) -> Remedy:
    """Ends with a working profile of the user's name, from which the application's key can be taken. One
    command over four lines: where no key is made, `read` fails and an existing profile stays as it is.
    """
    name = shell_word(user_name)
    return Remedy(
        purpose="Make a new key, keep it in a profile of that name, and try it (new keys need some seconds)",
        commands=(
            (
                f"aws iam create-access-key --user-name {name}"
                " --query 'AccessKey.[AccessKeyId,SecretAccessKey]' --output text |"
            ),
            f'{{ read -r id secret && aws configure set aws_access_key_id "$id" --profile {name} &&',
            f'aws configure set aws_secret_access_key "$secret" --profile {name}; }} &&',
            f"aws sts get-caller-identity --profile {name}",
        ),
    )


COUNT_ROOT_KEYS = Remedy(
    purpose="See whether the root user still has keys (1) or not (0)",
    commands=("aws iam get-account-summary --query SummaryMap.AccountAccessKeysPresent",),
)
FIND_WHICH_CREDENTIAL_WINS = Remedy(
    purpose="On the caller's machine: see which credential wins, look for hidden characters,"
    " then try without the environment's key",
    commands=(
        "aws configure list",
        'printf %s "$AWS_ACCESS_KEY_ID" | od -c',
        "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
        "aws sts get-caller-identity",
    ),
)
