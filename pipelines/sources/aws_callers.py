"""Who called AWS: a role or key stays readable, whoever used it becomes a pseudonym."""

from __future__ import annotations

from pipelines.sources.records import Field

# A role that is named after an e-mail address is no role for all.
CALLER = (
    r"^(arn:[a-z-]+:(?:sts|iam)::[0-9]*:"
    r"(?:assumed-role/[^/@]+|role/[^@]+|root|user/(?:[^@]+/)?BedrockAPIKey-[^/@]+))(?:/|$)"
)
# The name of a role's session, of an IAM user or of a federated one; a text that is no ARN is one.
PERSON = r"(?:^|:(?:assumed-role/[^/]+/|federated-user/|user/(?:.*/)?))([^:/]+)$"


def caller_fields(path: str | tuple[str, ...]) -> tuple[Field, Field]:
    """Return caller_arn (without its session) and caller_user_id of a field that holds an ARN."""
    return (
        Field("caller_arn", path=path, pattern=CALLER),
        Field("caller_user_id", path=path, pattern=PERSON, is_personal=True),
    )
