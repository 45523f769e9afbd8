"""The user agent by which a program is recognised, whatever features of its SDK a call uses."""

from __future__ import annotations

import re

# The SDKs list the features of each call in an `m/` component. Boto3 joins a set, so two processes of one
# program write them in different orders (botocore, useragent.py, _build_feature_metadata).
_COMPONENT = r"m/[A-Za-z0-9+,-]+"
_FEATURES = re.compile(rf"\s+{_COMPONENT}(?=[\s\]]|$)|(?<![^\[]){_COMPONENT}(?:\s+|(?=\])|$)")


def without_features(user_agent: str) -> str:
    return _FEATURES.sub("", user_agent)
