"""A policy file read on the officer's own machine, before anything is sent."""

from typing import Any


def check_policy(raw: bytes) -> dict[str, Any]:
    """Name, hash and sentences of a policy. Raises PolicyInvalid with the line that is wrong."""
    from ledger.domain.policy import parse_policy, policy_hash
    from ledger.domain.policy_sentences import explain

    policy = parse_policy(raw)
    th, en = explain(policy)
    return {
        "name_th": policy.name.th,
        "name_en": policy.name.en,
        "hash": "0x" + policy_hash(policy).hex(),
        "sentences": {"th": th, "en": en},
    }
