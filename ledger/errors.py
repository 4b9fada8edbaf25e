"""Every expected failure, in one tree. Edges map it once: to HTTP, to an exit code, from a revert.

    LedgerError
    ├── InputInvalid            what was sent cannot be read
    │   ├── QrInvalid  PolicyInvalid  ListInvalid  AmountInvalid  CsvInvalid  StepInvalid
    │   ├── MerchantCategoryMismatch  BankFileInvalid
    ├── RedemptionRefused       it can be read, and a rule says no (`reason` names the rule)
    ├── NotFound
    │   ├── UnknownCampaign  UnknownPass  UnknownMerchant  UnknownRedemption  UnknownIntent
    │   ├── UnknownVerdict  UnknownDevice  PairingCodeUnknown  UnknownRound
    │   ├── UnknownWebhook
    ├── Conflict
    │   ├── IdempotencyMismatch  IdempotencyInProgress  WrongState  PolicyMissing  PairingCodeOver
    │   ├── NotAnchored  WebhookKeyChanged  IssuingStopped
    ├── Unauthorised
    │   ├── SignatureInvalid  KeyUnknown  RoleMissing  RequestExpired  SamePerson
    │   ├── DeviceRevoked  DeviceBillLimitExceeded  DeviceDayLimitUsed  AssistedDayLimitUsed
    │   ├── RoundNeedsAnother
    ├── ChainFailure
    │   ├── NodeUnreachable (retryable)  WrongChain  DeploymentMismatch  UnknownEvent
    │   ├── ReorgTooDeep  NodeLied  NodeRefused  TransactionReverted
    │   │   └── IndexDrifted (a NodeLied, until it is known which of the two is wrong)
    ├── DevelopmentKeyRefused   a published key on a chain that is not a devnet
    ├── ToolMissing             a compiled library or a program this process cannot do without
    └── PortBusy

`code` is public and never renamed; `details` fill the sentences of `ledger.domain.sentences`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar


class LedgerError(Exception):
    """Base of every expected failure; `code` is public and never renamed."""

    code: ClassVar[str] = "ledger_error"
    retryable: ClassVar[bool] = False

    def __init__(self, **details: Any) -> None:
        super().__init__(f"{self.code}: {details}" if details else self.code)
        self.details: dict[str, Any] = details


class InputInvalid(LedgerError):
    """What was sent cannot be read. Details: `what` (field or thing), `why` (short, English)."""

    code = "input_invalid"


class QrInvalid(InputInvalid):
    """The text is not one of our QR codes, or not in its one spelling."""

    code = "qr_invalid"


class PolicyInvalid(InputInvalid):
    """A policy document breaks its schema or contradicts itself: `pointer`, `line`, `why`."""

    code = "policy_invalid"


class ListInvalid(InputInvalid):
    """A list of passes has bad rows; `rows` names every one by number and reason."""

    code = "list_invalid"


class AmountInvalid(InputInvalid):
    """A text is not an amount of baht; `text` (shortened) and `why`.

    Its code differs from the refusal `amount_invalid`, which judges a readable amount.
    """

    code = "amount_unreadable"


class CsvInvalid(InputInvalid):
    """A CSV file has bad rows; `rows` names every one by number and reason."""

    code = "csv_invalid"


class StepInvalid(InputInvalid):
    """A signed time does not lie on a 15-second step of its campaign."""

    code = "step_invalid"


class MerchantCategoryMismatch(InputInvalid):
    """The place is not what the category says: `name`, `kind`, `category`; `word` where only its
    name says so, which a registrar may override with a written reason."""

    code = "merchant_category_mismatch"


class BankFileInvalid(InputInvalid):
    """A bank's file is of another round, altered, cut short or adds up wrongly; `rows` names every
    bad line by number and reason. Nothing of it was taken."""

    code = "bank_file_invalid"


class RedemptionRefused(LedgerError):
    """A rule says no. `reason` is the rule's code, `figures` are its evidence; `policy` and
    `verdict` name the policy's hash and the signed verdict where there are any."""

    code = "redemption_refused"

    def __init__(self, reason: str, figures: Mapping[str, Any] | None = None) -> None:
        super().__init__(reason=reason, **dict(figures or {}))
        self.reason = reason
        self.figures: dict[str, Any] = dict(figures or {})
        self.policy: str | None = None
        self.verdict: str | None = None


class NotFound(LedgerError):
    """The thing named does not exist, or is not the asker's to see."""

    code = "not_found"


class UnknownCampaign(NotFound):
    """No campaign has this number."""

    code = "unknown_campaign"


class UnknownPass(NotFound):
    """No pass has this number or holder."""

    code = "unknown_pass"


class UnknownMerchant(NotFound):
    """No merchant has this number or payout address."""

    code = "unknown_merchant"


class UnknownRedemption(NotFound):
    """No redemption has this id."""

    code = "unknown_redemption"


class UnknownIntent(NotFound):
    """No intent has this id."""

    code = "unknown_intent"


class UnknownVerdict(NotFound):
    """No verdict has this id, or it is not the asker's to see."""

    code = "unknown_verdict"


class UnknownDevice(NotFound):
    """No device of this shop has this id, or no device signs with this key."""

    code = "unknown_device"


class PairingCodeUnknown(NotFound):
    """The shop has given no such pairing code. Every such guess is counted."""

    code = "pairing_code_unknown"


class UnknownRound(NotFound):
    """No round of payments has this number: `round`."""

    code = "unknown_round"


class UnknownWebhook(NotFound):
    """No webhook of the asker has this id."""

    code = "unknown_webhook"


class Conflict(LedgerError):
    """The request is readable and allowed, and the present state of things forbids it."""

    code = "conflict"


class IdempotencyMismatch(Conflict):
    """The idempotency key was used before with another body."""

    code = "idempotency_mismatch"


class IdempotencyInProgress(Conflict):
    """The first request with this idempotency key is still running: ask again."""

    code = "idempotency_in_progress"
    retryable = True


class WrongState(Conflict):
    """The step is not possible now: `what`, its `state`, and the state it `needs`."""

    code = "wrong_state"


class NotAnchored(Conflict):
    """There is no path to an anchor yet: `redemption`, and `why` not."""

    code = "not_anchored"


class WebhookKeyChanged(Conflict):
    """The key that a webhook's secret was derived by is not held here any more: `webhook`."""

    code = "webhook_key_changed"


class IssuingStopped(Conflict):
    """The index is not what the chain says: `what` differs, `since` when that is known. Nothing is
    issued until it is repaired; then the same request may be sent again."""

    code = "issuing_stopped"
    retryable = True


class PolicyMissing(Conflict):
    """The till lacks the policy document of a campaign and so refuses: `campaign`, `policy`."""

    code = "policy_missing"


class PairingCodeOver(Conflict):
    """The pairing code was right and is good no more: `why` (used, expired, locked, revoked)."""

    code = "pairing_code_over"


class Unauthorised(LedgerError):
    """The caller has not shown who it is, or may not do this."""

    code = "unauthorised"


class SignatureInvalid(Unauthorised):
    """Bytes that are no signature, or no one's signature of this message."""

    code = "signature_invalid"


class KeyUnknown(Unauthorised):
    """The API key is unknown or withdrawn."""

    code = "key_unknown"


class RoleMissing(Unauthorised):
    """The caller is known and lacks the `role`."""

    code = "role_missing"


class RequestExpired(Unauthorised):
    """A signed request is too old or from the future: `signed_at`, `now`."""

    code = "request_expired"


class SamePerson(Unauthorised):
    """Drafting, approving and issuing a campaign are three people: `campaign`, the `step` taken."""

    code = "same_person"


class RoundNeedsAnother(Unauthorised):
    """Who made a round of payments cannot approve it: `round`."""

    code = "round_needs_another"


class DeviceRevoked(Unauthorised):
    """The shop's owner has withdrawn this device: `device`."""

    code = "device_revoked"


class DeviceBillLimitExceeded(Unauthorised):
    """More for one bill than the owner lets this device take: `amount`, `bill_max`."""

    code = "device_bill_limit_exceeded"


class DeviceDayLimitUsed(Unauthorised):
    """More for today than the owner lets this device take: `amount`, `taken`, `day_max`,
    `day_left`."""

    code = "device_day_limit_used"


class AssistedDayLimitUsed(Unauthorised):
    """The ambassador has helped as often today as one may: `limit`."""

    code = "assisted_day_limit_used"


class ChainFailure(LedgerError):
    """The node or the chain did not do what was asked, or cannot be believed."""

    code = "chain_failure"


class NodeUnreachable(ChainFailure):
    """No answer from the node in time: `url` without credentials, `why`."""

    code = "node_unreachable"
    retryable = True


class WrongChain(ChainFailure):
    """The node serves another chain: `expected`, `found`."""

    code = "wrong_chain"


class DeploymentMismatch(ChainFailure):
    """The chain does not hold the contracts of the deployment record: `contract`, `why`."""

    code = "deployment_mismatch"


class UnknownEvent(ChainFailure):
    """A log nobody taught us to read: `topic`, `block`. Skipping it would be drift."""

    code = "unknown_event"


class ReorgTooDeep(ChainFailure):
    """The node left our chain before our last final block: `final`, `head`. No automatic repair."""

    code = "reorg_too_deep"


class NodeLied(ChainFailure):
    """What the node told contradicts itself or the rules of the contracts: `what`."""

    code = "node_lied"


class IndexDrifted(NodeLied):
    """What is indexed is not what the contracts and their logs say: `what`."""

    code = "index_drifted"


class NodeRefused(ChainFailure):
    """The node answered a request with an error of its own: `method`, `rpc_code`, `why`."""

    code = "node_refused"


class TransactionReverted(ChainFailure):
    """The contract refused: `error` (its custom error) and `arguments`."""

    code = "transaction_reverted"


class DevelopmentKeyRefused(LedgerError):
    """A published development key was offered for a chain that is not a devnet: `address`."""

    code = "development_key_refused"


class ToolMissing(LedgerError):
    """A library or program this process cannot do without is missing: `tool`, `why`."""

    code = "tool_missing"


class PortBusy(LedgerError):
    """A TCP port is taken: `port`, `what` wanted it."""

    code = "port_busy"


def every_error() -> Iterator[type[LedgerError]]:
    """Yield each class of the tree above once, the base first."""
    waiting: list[type[LedgerError]] = [LedgerError]
    while waiting:
        kind = waiting.pop(0)
        if kind.__module__ == __name__:
            yield kind
        waiting.extend(kind.__subclasses__())
