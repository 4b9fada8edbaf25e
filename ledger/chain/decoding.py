"""Raw logs to domain events, by hand: our layouts are fixed, and a general decoder is slow.

Bytes that are not exactly of the layout are refused (NodeLied), a topic nobody taught us is
refused (UnknownEvent): nothing is skipped, because a skipped log is how an index drifts.
"""

from typing import Final

from ledger.chain.layouts import (
    WORD,
    Decoder,
    Log,
    address,
    contract_of,
    data_of,
    flag,
    refused_layout,
    selector,
    static,
    topic_value,
    uint,
    with_bytes,
    word,
    word_value,
)
from ledger.domain import events
from ledger.domain.campaign import Terms
from ledger.domain.hashing import keccak
from ledger.errors import NodeLied, UnknownEvent

_RECORDS_AT: Final = (2 * WORD).to_bytes(WORD, "big")


def _redeemed(log: Log) -> events.Event:
    """The event that nearly all logs are: every step of the general way, without its loops."""
    topics, data = log["topics"], bytes.fromhex(log["data"][2:])
    size = int.from_bytes(data[64:96], "big")
    if len(topics) != 3 or data[:32] != _RECORDS_AT or len(data) != 96 + (size + 31 & -32):
        raise refused_layout(events.Redeemed)
    campaign, batch = int(topics[1], 16), int(topics[2], 16)
    at = int.from_bytes(data[32:64], "big")
    if campaign >> 32 or batch >> 32 or at >> 40:
        raise refused_layout(events.Redeemed)
    return events.Redeemed(
        contract=contract_of(log["address"]),
        campaign=campaign,
        batch=batch,
        records=data[96 : 96 + size],
        at=at,
    )


def _coupons_listed(log: Log) -> events.Event:
    kind, start = events.CouponsListed, 3 * WORD
    data = data_of(log)
    if len(log["topics"]) != 2 or len(data) < start + WORD:
        raise refused_layout(kind)
    count = int.from_bytes(data[start : start + WORD], "big")
    first = start + WORD
    if int.from_bytes(data[WORD : 2 * WORD], "big") != start or len(data) != first + count * WORD:
        raise refused_layout(kind)
    return kind(
        contract=contract_of(log["address"]),
        campaign=topic_value(log, kind, uint("campaign", 32), 1),
        first_word=word_value(data, kind, uint("first_word", 32), 0),
        words=tuple(
            int.from_bytes(data[at : at + WORD], "big") for at in range(first, len(data), WORD)
        ),
        at=word_value(data, kind, uint("at"), 2),
    )


TERMS: Final = (
    word("policy_hash"),
    address("token"),
    uint("starts"),
    uint("ends"),
    uint("first_use_by"),
    uint("share_basis_points", 16),
    uint("allowance", 24),
    uint("per_use_max", 24),
    uint("per_day_max", 24),
    uint("bill_min", 24),
    uint("audience", 32),
    uint("categories", 64),
    uint("districts", 64),
    uint("open_hours", 168),
    flag("same_district"),
    word("list_hash"),
    uint("list_count", 32),
)


def _campaign_drafted(log: Log) -> events.Event:
    kind = events.CampaignDrafted
    data = data_of(log)
    if len(log["topics"]) != 3 or len(data) != WORD * (len(TERMS) + 1):
        raise refused_layout(kind)
    terms = {field.name: word_value(data, kind, field, at) for at, field in enumerate(TERMS)}
    return kind(
        contract=contract_of(log["address"]),
        campaign=topic_value(log, kind, uint("campaign", 32), 1),
        officer=topic_value(log, kind, address("officer"), 2),
        terms=Terms(**terms),
        at=word_value(data, kind, uint("at"), len(TERMS)),
    )


CAMPAIGN: Final = uint("campaign", 32)
ROUND: Final = uint("round", 32)
TERMS_ABI: Final = (
    "(bytes32,address,uint40,uint40,uint40,uint16,uint24,uint24,uint24,uint24,uint32,uint64,uint64,"
    "uint168,bool,bytes32,uint32)"
)

BY_SIGNATURE: Final[dict[str, Decoder]] = {
    # CouponBook
    "Redeemed(uint32,uint32,bytes,uint40)": _redeemed,
    "RedemptionsRefused(uint32,bytes,uint40)": with_bytes(
        events.RedemptionsRefused, [CAMPAIGN], [word("records"), uint("at")], "records"
    ),
    "Voided(uint32,uint32,uint32,uint32,uint32,uint40,uint40,uint40)": static(
        events.Voided,
        [CAMPAIGN, uint("pass_", 32), uint("merchant", 32)],
        [
            uint("amount", 32),
            uint("copay", 32),
            uint("signed_at"),
            uint("voided_at"),
            uint("at"),
        ],
    ),
    f"CampaignDrafted(uint32,address,{TERMS_ABI},uint40)": _campaign_drafted,
    "CampaignApproved(uint32,address,uint40)": static(
        events.CampaignApproved, [CAMPAIGN, address("approver")], [uint("at")]
    ),
    "CouponsListed(uint32,uint32,uint256[],uint40)": _coupons_listed,
    "CouponsIssued(uint32,address,uint40)": static(
        events.CouponsIssued, [CAMPAIGN, address("issuer")], [uint("at")]
    ),
    "CampaignFunded(uint32,address,uint32,uint96,uint40)": static(
        events.CampaignFunded,
        [CAMPAIGN, address("funder")],
        [uint("contribution", 32), uint("amount", 96), uint("at")],
    ),
    "CampaignPaused(uint32,address,uint40)": static(
        events.CampaignPaused, [CAMPAIGN, address("by")], [uint("at")]
    ),
    "CampaignResumed(uint32,address,uint40)": static(
        events.CampaignResumed, [CAMPAIGN, address("by")], [uint("at")]
    ),
    "CampaignClosed(uint32,uint96,uint40)": static(
        events.CampaignClosed, [CAMPAIGN], [uint("unspent", 96), uint("at")]
    ),
    "ContributionReturned(uint32,address,uint32,uint96,uint40)": static(
        events.ContributionReturned,
        [CAMPAIGN, address("funder")],
        [uint("contribution", 32), uint("amount", 96), uint("at")],
    ),
    "DebtCovered(uint32,uint32,address,uint64,uint40)": static(
        events.DebtCovered,
        [CAMPAIGN, uint("merchant", 32), address("by")],
        [uint("amount", 64), uint("at")],
    ),
    # SettlementBook
    "RoundMade(uint32,address,uint32,uint32,uint96,bytes32,bytes32,uint40)": static(
        events.RoundMade,
        [ROUND, address("maker")],
        [
            uint("day", 32),
            uint("pages", 32),
            uint("total", 96),
            word("lines_hash"),
            word("document_hash"),
            uint("at"),
        ],
    ),
    "RoundApproved(uint32,address,uint40)": static(
        events.RoundApproved, [ROUND, address("approver")], [uint("at")]
    ),
    "RoundWithdrawn(uint32,address,uint40)": static(
        events.RoundWithdrawn, [ROUND, address("by")], [uint("at")]
    ),
    "LinesSettled(uint32,uint32,bytes,uint40)": with_bytes(
        events.LinesSettled, [ROUND, uint("page", 32)], [word("lines"), uint("at")], "lines"
    ),
    "RoundSettled(uint32,uint96,uint40)": static(
        events.RoundSettled, [ROUND], [uint("total", 96), uint("at")]
    ),
    "FileRecorded(uint32,bytes32,uint32,uint96,uint40)": static(
        events.FileRecorded,
        [ROUND, word("file_hash")],
        [uint("payments", 32), uint("total", 96), uint("at")],
    ),
    "PaymentReturned(uint32,uint32,uint32,uint96,uint40)": static(
        events.PaymentReturned,
        [ROUND, uint("page", 32), uint("merchant", 32)],
        [uint("amount", 96), uint("at")],
    ),
    # AnchorLog
    "DayAnchored(uint32,bytes32,uint32,uint96,uint96,bytes32,uint40)": static(
        events.DayAnchored,
        [uint("day", 32)],
        [
            word("root"),
            uint("leaves", 32),
            uint("amount", 96),
            uint("copay", 96),
            word("staff_head"),
            uint("at"),
        ],
    ),
    # CityPass
    "PassesEnrolled(uint32,uint8,uint8,uint40,uint40,bytes,uint40)": with_bytes(
        events.PassesEnrolled,
        [uint("first", 32)],
        [
            uint("class_", 8),
            uint("district", 8),
            uint("valid_from"),
            uint("valid_until"),
            word("holders"),
            uint("at"),
        ],
        "holders",
    ),
    "Locked(uint256)": static(events.Locked, [], [uint("token_id", 256)]),
    "PassRebound(uint32,address,address,uint40)": static(
        events.PassRebound,
        [uint("number", 32), address("from_"), address("to")],
        [uint("at")],
    ),
    "PassChanged(uint32,address,uint8,uint8,uint40,uint40,uint8,uint40)": static(
        events.PassChanged,
        [uint("number", 32), address("holder")],
        [
            uint("class_", 8),
            uint("district", 8),
            uint("valid_from"),
            uint("valid_until"),
            uint("status", 8),
            uint("at"),
        ],
    ),
    # MerchantRegistry
    "MerchantRegistered(uint32,address,uint8,uint8,uint40)": static(
        events.MerchantRegistered,
        [uint("number", 32), address("payout")],
        [uint("category", 8), uint("district", 8), uint("at")],
    ),
    "MerchantChanged(uint32,address,uint8,uint8,uint8,uint40)": static(
        events.MerchantChanged,
        [uint("number", 32), address("payout")],
        [uint("category", 8), uint("district", 8), uint("status", 8), uint("at")],
    ),
    # CityToken
    "Transfer(address,address,uint256)": static(
        events.Transfer, [address("from_"), address("to")], [uint("value", 256)]
    ),
    "Approval(address,address,uint256)": static(
        events.Approval, [address("owner"), address("spender")], [uint("value", 256)]
    ),
    "AuthorizationUsed(address,bytes32)": static(
        events.AuthorizationUsed, [address("authorizer"), word("nonce")], []
    ),
    "AuthorizationCanceled(address,bytes32)": static(
        events.AuthorizationCanceled, [address("authorizer"), word("nonce")], []
    ),
    "TokensFunded(address,uint256,bytes32,uint40)": static(
        events.TokensFunded, [address("to")], [uint("amount", 256), word("ref"), uint("at")]
    ),
    "TokensSettled(address,uint256,bytes32,uint40)": static(
        events.TokensSettled, [address("from_")], [uint("amount", 256), word("ref"), uint("at")]
    ),
    "CityAccountSet(address,bool,uint40)": static(
        events.CityAccountSet, [address("account")], [flag("allowed"), uint("at")]
    ),
    "Paused(address)": static(events.Paused, [], [address("account")]),
    "Unpaused(address)": static(events.Unpaused, [], [address("account")]),
    "EIP712DomainChanged()": static(events.Eip712DomainChanged, [], []),
    # AccessManager and what it manages
    "AuthorityUpdated(address)": static(events.AuthorityUpdated, [], [address("authority")]),
    "RoleGranted(uint64,address,uint32,uint48,bool)": static(
        events.RoleGranted,
        [uint("role_id", 64), address("account")],
        [uint("delay", 32), uint("since", 48), flag("new_member")],
    ),
    "RoleRevoked(uint64,address)": static(
        events.RoleRevoked, [uint("role_id", 64), address("account")], []
    ),
    "RoleLabel(uint64,string)": with_bytes(
        events.RoleLabel,
        [uint("role_id", 64)],
        [word("label")],
        "label",
        lambda text: text.decode("utf-8", "replace"),
    ),
    "RoleAdminChanged(uint64,uint64)": static(
        events.RoleAdminChanged, [uint("role_id", 64), uint("admin", 64)], []
    ),
    "RoleGuardianChanged(uint64,uint64)": static(
        events.RoleGuardianChanged, [uint("role_id", 64), uint("guardian", 64)], []
    ),
    "RoleGrantDelayChanged(uint64,uint32,uint48)": static(
        events.RoleGrantDelayChanged,
        [uint("role_id", 64)],
        [uint("delay", 32), uint("since", 48)],
    ),
    "TargetClosed(address,bool)": static(
        events.TargetClosed, [address("target")], [flag("closed")]
    ),
    "TargetFunctionRoleUpdated(address,bytes4,uint64)": static(
        events.TargetFunctionRoleUpdated,
        [address("target"), uint("role_id", 64)],
        [selector("selector")],
    ),
    "TargetAdminDelayUpdated(address,uint32,uint48)": static(
        events.TargetAdminDelayUpdated,
        [address("target")],
        [uint("delay", 32), uint("since", 48)],
    ),
    "OperationScheduled(bytes32,uint32,uint48,address,address,bytes)": with_bytes(
        events.OperationScheduled,
        [word("operation_id"), uint("nonce", 32)],
        [uint("schedule", 48), address("caller"), address("target"), word("data")],
        "data",
    ),
    "OperationExecuted(bytes32,uint32)": static(
        events.OperationExecuted, [word("operation_id"), uint("nonce", 32)], []
    ),
    "OperationCanceled(bytes32,uint32)": static(
        events.OperationCanceled, [word("operation_id"), uint("nonce", 32)], []
    ),
}

DECODERS: Final[dict[str, Decoder]] = {
    "0x" + keccak(signature.encode()).hex(): decoder for signature, decoder in BY_SIGNATURE.items()
}
"""By first topic, spelled as nodes spell it."""


def decode_log(log: Log) -> events.Event:
    """The event a raw log holds.

    UnknownEvent for a topic we were not taught, NodeLied for bytes not of its layout.
    """
    try:
        decoder = DECODERS[log["topics"][0]]
    except (KeyError, IndexError, TypeError):
        topics = log.get("topics") or ["none"]
        raise UnknownEvent(topic=topics[0], block=log.get("blockNumber")) from None
    try:
        return decoder(log)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise NodeLied(what=f"a log cannot be read: {error}") from error
