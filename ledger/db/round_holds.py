"""What must wait while a round is on its way over the chain."""

from typing import Final

from sqlalchemy import text

NOT_HELD_BY_ROUND: Final = text(
    "NOT EXISTS (SELECT 1 FROM payment_rounds r JOIN round_entries e ON e.round = r.number"
    " JOIN included_redemptions i ON i.campaign = e.campaign AND i.merchant = e.merchant"
    " WHERE r.status = 'approved' AND e.standing AND i.campaign = intents.campaign"
    " AND i.pass_number = intents.pass_number AND i.step = intents.step"
    " AND NOT EXISTS (SELECT 1 FROM rounds_made m"
    " JOIN round_steps s ON s.chain_id = m.chain_id AND s.round = m.round"
    " AND s.step IN ('settled', 'withdrawn')"
    " WHERE m.chain_id = i.chain_id AND m.document_hash = r.hash))"
)
"""Of a row of `intents` that is a void: no approved round pays its shop for its campaign now. The
shop's credit must not shrink below what was approved before that is settled."""
