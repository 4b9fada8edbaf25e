// A payment that is under way: kept before it is sent, sent again under the same key, never twice. Each
// signer has a place of its own for it, so that one wallet's payment is never another's.

import { Refused } from './city.js';
import { toHex } from './bytes.js';
import { button, el, facts, notice } from './dom.js';
import { heading, refusedNotice } from './screens.js';
import { forget, keep, kept } from './store.js';
import { redemptionDigest } from './typed_data.js';
import { baht, t } from './words.js';

const nameOf = (place) => `payment:${place}`;

/** Sign exactly these figures and keep the request at `place`, with what is `told` beside them. */
export async function sign(city, key, place, of, told) {
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
  const payment = { place, key: crypto.randomUUID(), text: JSON.stringify(body), of };
  await keep(nameOf(place), payment);
  return payment;
}

export const underWay = (place) => kept(nameOf(place));

/** The redemption. Throws Refused: `unsure` leaves the payment under way, to be sent again. */
export async function send(city, payment) {
  try {
    const taken = await city.post('/v1/redemptions', payment.text, { 'idempotency-key': payment.key });
    await forget(nameOf(payment.place));
    return taken;
  } catch (refused) {
    if (!refused.unsure) await forget(nameOf(payment.place));
    throw refused;
  }
}

/** The answer was lost: the only way on is to send the very same payment again, and then `done(taken)`. */
export function unsure(city, payment, { done, back, refused = null }) {
  const told = el('div', { 'aria-live': 'assertive' }, refused && refusedNotice(refused));
  const again = button(t('ส่งรายการเดิมอีกครั้ง', 'Send the same payment again'), async () => {
    again.disabled = true;
    try {
      done(await send(city, payment));
    } catch (failure) {
      if (!(failure instanceof Refused)) throw failure;
      told.replaceChildren(refusedNotice(failure));
      again.disabled = false;
      if (!failure.unsure) again.remove();
    }
  }, { drawing: 'undo' });
  return [heading(t('ยังไม่รู้ผลการจ่าย', 'We do not know yet')),
    notice('busy', 'wait', t('รายการนี้อาจถึงเมืองแล้วหรือยัง ส่งซ้ำได้ จะไม่จ่ายซ้ำ',
      'It may or may not have reached the city. Sending it again pays only once.')),
    facts([[t('ยอดบิล', 'Bill'), `${baht(payment.of.bill)} ฿`], [t('คูปองจ่าย', 'The coupon pays'), `${baht(payment.of.amount)} ฿`]]),
    told, again, back];
}
