// What each coupon of a holder would pay of a bill, and exactly the figures that are signed for it.

import { toHex } from './bytes.js';
import { STEP_SECONDS, couponName } from './coupons.js';
import { el, facts, notice } from './dom.js';
import { LANG, baht, t } from './words.js';

const LATE_SECONDS = 10 * 60;

/** Where this device is, if a coupon's rules need it; the city keeps only the distance. */
async function whereWeAre(coupons, city) {
  if (!coupons.some((coupon) => coupon.limits?.position)) return null;
  const asked = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 };
  const here = await new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(resolve, () => resolve(null), asked);
  });
  return here && {
    latitude: here.coords.latitude.toFixed(7), longitude: here.coords.longitude.toFixed(7),
    accuracy_metres: Math.ceil(here.coords.accuracy), measured_at: Math.floor(here.timestamp / 1000 + city.ahead),
  };
}

/** Ask what each coupon would pay of `charge`, `{merchant, bill, reference}`: the best first. */
export async function offersOf(city, holder, coupons, charge) {
  const position = await whereWeAre(coupons, city);
  const offers = await Promise.all(coupons.map(async (coupon) => {
    const told = { reference: toHex(charge.reference), ...(position && { position }),
      ...(coupon.limits?.notice && { notice_acknowledged: coupon.limits.notice.hash }) };
    const quote = await city.post('/v1/redemptions/quote', JSON.stringify({
      campaign: coupon.campaign, merchant: charge.merchant, bill: String(charge.bill), holder, ...told,
    }));
    return { coupon, quote, told };
  }));
  return offers.sort((a, b) => Number(b.quote.amount) - Number(a.quote.amount));
}

/** What is signed: the figures that were shown. Null where the quote is of another time. */
export function figuresOf(charge, { quote, coupon }, now) {
  if (Math.abs(quote.signed_at - now) > LATE_SECONDS || (quote.signed_at - coupon.starts) % STEP_SECONDS) return null;
  return { campaign: coupon.campaign, merchant: charge.merchant, bill: charge.bill, amount: Number(quote.amount), copay: 0, signedAt: quote.signed_at };
}

/** The exact split of a bill. */
export function split(bill, { quote, coupon }, ...more) {
  return facts([
    [t('ยอดบิล', 'Bill'), `${baht(bill)} ฿`],
    [t('คูปองจ่าย', 'The coupon pays'), el('b', { class: 'pays' }, `${baht(quote.amount)} ฿`)],
    [t('จ่ายเงินสดที่ร้าน', 'Cash at the counter'), `${baht(quote.cash)} ฿`],
    [t('คูปอง', 'Coupon'), couponName(coupon)],
    ...more,
  ], 'split');
}

/** The other coupons stay one tap away. */
export function chooser(offers, chosen, choose) {
  if (offers.length === 1) return null;
  return el('fieldset', { class: 'choices' }, el('legend', {}, t('เลือกคูปอง', 'Choose a coupon')), offers.map((each) =>
    el('label', {}, el('input', { type: 'radio', name: 'coupon', checked: each === chosen, on: { change: () => choose(each) } }),
      el('span', { class: 'grow' }, couponName(each.coupon)), el('b', {}, `${baht(each.quote.amount)} ฿`))));
}

/** What may not be bought is said before, and agreed to by a mark of its own. */
export function goodsNotice(coupon, confirm) {
  const wanted = coupon.limits?.notice;
  if (!wanted) return null;
  confirm.disabled = true;
  const mark = el('input', { type: 'checkbox', id: 'agreed', on: { change: () => { confirm.disabled = !mark.checked; } } });
  return el('div', { class: 'choices' }, notice('busy', 'wait', wanted[LANG]),
    el('label', {}, mark, el('span', { class: 'grow' }, t('อ่านแล้วและไม่ได้ซื้อของต้องห้าม', 'I have read it and buy none of that'))));
}
