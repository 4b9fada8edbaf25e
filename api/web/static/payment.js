// A payment that is under way: kept before it is sent, sent again under the same key, never twice.

import { toHex } from './bytes.js';
import { forget, keep, kept } from './store.js';
import { redemptionDigest } from './typed_data.js';

const UNDER_WAY = 'payment';

/** Sign exactly these figures and keep the request, with what is `told` beside them. */
export async function sign(city, key, of, told) {
  const signature = '0x' + toHex(await key.sign(redemptionDigest(city.separator, of)));
  const body = {
    campaign: of.campaign,
    merchant: of.merchant,
    bill: String(of.bill),
    amount: String(of.amount),
    copay: String(of.copay),
    signed_at: of.signedAt,
    signature,
    ...told,
  };
  const payment = { key: crypto.randomUUID(), text: JSON.stringify(body), of };
  await keep(UNDER_WAY, payment);
  return payment;
}

export const underWay = () => kept(UNDER_WAY);

/** The redemption. Throws Refused: `unsure` leaves the payment under way, to be sent again. */
export async function send(city, payment) {
  try {
    const taken = await city.post('/v1/redemptions', payment.text, { 'idempotency-key': payment.key });
    await forget(UNDER_WAY);
    return taken;
  } catch (refused) {
    if (!refused.unsure) await forget(UNDER_WAY);
    throw refused;
  }
}
