// The resident scans the shop: see its registered name and the exact split, then sign that.

import { Refused } from './city.js';
import { button, el, facts, link, notice } from './dom.js';
import { toHex } from './bytes.js';
import { send, sign, underWay } from './payment.js';
import { decodeBody, decodeText, decodeTyped, encodeBody } from './qr_codec.js';
import { go, heading, refusedNotice } from './screens.js';
import { scanPlace } from './scanner.js';
import { decodeShort } from './short_code.js';
import { couponName, coupons, refusalOf } from './wallet_home.js';
import { STEP_SECONDS } from './coupons.js';
import { LANG, baht, satangOf, shopName, t } from './words.js';

/** Why a code cannot be paid, or null after going on with it. */
function takeCharge(state, text) {
  const code = decodeText(text) ?? decodeTyped(text) ?? decodeShort(text, state.city.tag);
  if (code === null) return t('ไม่ใช่คิวอาร์ของเมือง อย่าจ่ายตามคิวอาร์นี้', 'Not one of the city’s codes. Do not pay for it.');
  if (!state.city.isOurs(code)) return t('คิวอาร์นี้เป็นของเมืองอื่น', 'This code belongs to another city.');
  if (code.kind !== 'charge') return t('ไม่ใช่คิวอาร์เรียกเก็บของร้าน ให้ร้านแสดงคิวอาร์เรียกเก็บ', 'Not a shop’s charge. Ask the shop to show its charge code.');
  go(`pay/${encodeBody(code, state.city.tag)}`);
  return null;
}

export async function scanScreen(showing, state) {
  const pending = await underWay();
  if (pending) return showing.draw(unsure(showing, state, pending));
  showing.draw(heading(t('สแกนคิวอาร์ของร้าน', 'Scan the shop’s QR')),
    scanPlace(showing, (text) => takeCharge(state, text), { typed: t('หรือพิมพ์รหัสใต้คิวอาร์', 'Or type the code under the QR') }));
  return undefined;
}

export async function payScreen(showing, state, body) {
  const pending = await underWay();
  if (pending) return showing.draw(unsure(showing, state, pending));
  const code = decodeBody(body);
  if (code?.kind !== 'charge' || !state.city.isOurs(code)) return go('scan');
  showing.draw(heading(t('กำลังดูข้อมูลร้าน…', 'Looking up the shop…')));
  const [shop, found] = await Promise.all([
    state.city.get(`/v1/merchants/${code.merchant}`), coupons(state)]);
  if (!found.fresh) throw new Refused({ code: 'offline', detail_th: 'สแกนจ่ายต้องมีสัญญาณ', detail_en: 'Paying a shop’s code needs a signal.',
    action_th: 'แสดงคิวอาร์ของท่านให้ร้านสแกนแทน', action_en: 'Show your own QR to the shop instead.' }, 0);
  const name = shopName({ th: shop.name_th, en: shop.name_en }, code.merchant);
  const one = { state, showing, code, name, coupons: found.items };
  return code.bill ? choose(one, code.bill) : showing.draw(askBill(one));
}

function head(one, bill) {
  return [heading(t('จ่ายที่ร้าน', 'Pay at')), el('p', { class: 'shop-name' }, one.name),
    bill && el('p', { class: 'small' }, t('ตรวจชื่อให้ตรงกับป้ายร้าน', 'Check that this is the name on the sign.'))];
}

function askBill(one) {
  const field = el('input', { id: 'bill', inputmode: 'decimal', autocomplete: 'off', required: true, class: 'money' });
  const told = el('div', { 'aria-live': 'polite' });
  const submit = (event) => {
    event.preventDefault();
    const bill = satangOf(field.value);
    if (bill) choose(one, bill);
    else told.replaceChildren(notice('bad', 'cross', t('ใส่ยอดเป็นบาท เช่น 120 หรือ 120.50', 'Type an amount in baht, like 120 or 120.50.')));
  };
  return [head(one, true), el('form', { on: { submit } }, el('label', { for: 'bill' }, t('ยอดบิล (บาท)', 'The bill (baht)')), field, told,
    el('button', { type: 'submit', class: 'button main' }, t('ต่อไป', 'Next')))];
}

/** Where this phone is, if a coupon's rules need it; the city keeps only the distance. */
async function whereWeAre(found, city) {
  if (!found.some((coupon) => coupon.limits?.position)) return null;
  const asked = { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 };
  const here = await new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(resolve, () => resolve(null), asked);
  });
  return here && {
    latitude: here.coords.latitude.toFixed(7), longitude: here.coords.longitude.toFixed(7),
    accuracy_metres: Math.ceil(here.coords.accuracy), measured_at: Math.floor(here.timestamp / 1000 + city.ahead),
  };
}

/** Ask what each coupon would pay and show the best; the others stay one tap away. */
async function choose(one, bill) {
  const { state, showing, code } = one;
  const position = await whereWeAre(one.coupons, state.city);
  const ask = async (coupon) => {
    const told = { reference: toHex(code.reference), ...(position && { position }),
      ...(coupon.limits?.notice && { notice_acknowledged: coupon.limits.notice.hash }) };
    const quote = await state.city.post('/v1/redemptions/quote', JSON.stringify({
      campaign: coupon.campaign, merchant: code.merchant, bill: String(bill), holder: state.key.address, ...told,
    }));
    return { coupon, quote, told };
  };
  const offers = await Promise.all(one.coupons.map(ask));
  offers.sort((a, b) => Number(b.quote.amount) - Number(a.quote.amount));
  if (!offers.length) return showing.draw(head(one, true), notice('bad', 'cross', t('กระเป๋านี้ยังไม่มีคูปอง', 'This wallet has no coupon yet.')), home());
  return showing.draw(confirmation({ ...one, bill, offers }, offers[0]));
}

const home = () => link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' });

function confirmation(one, offer) {
  const { quote, coupon } = offer;
  const parts = [head(one, true), chooser(one, offer), facts([
    [t('ยอดบิล', 'Bill'), `${baht(one.bill)} ฿`],
    [t('คูปองจ่าย', 'The coupon pays'), el('b', { class: 'pays' }, `${baht(quote.amount)} ฿`)],
    [t('จ่ายเงินสดที่ร้าน', 'Cash at the counter'), `${baht(quote.cash)} ฿`],
    one.offers.length === 1 && [t('คูปอง', 'Coupon'), couponName(coupon)],
  ], 'split')];
  if (!quote.verdict.accepted) return [...parts, refusalOf(quote.verdict.refusal), home()];
  const confirm = button(t(`ยืนยันจ่าย ${baht(quote.amount)} ฿`, `Confirm ${baht(quote.amount)} ฿`), async () => {
    if (confirm.disabled) return;
    confirm.disabled = true;
    confirm.textContent = t('กำลังส่งให้ร้าน…', 'Sending to the shop…');
    await pay(one, offer, confirm);
  }, { drawing: 'tick', id: 'confirm' });
  return [...parts, goodsNotice(coupon, confirm), confirm, home()];
}

/** What may not be bought is said before, and agreed to by a mark of its own. */
function goodsNotice(coupon, confirm) {
  const wanted = coupon.limits?.notice;
  if (!wanted) return null;
  confirm.disabled = true;
  const mark = el('input', { type: 'checkbox', id: 'agreed', on: { change: () => { confirm.disabled = !mark.checked; } } });
  return el('div', { class: 'choices' }, notice('busy', 'wait', wanted[LANG]),
    el('label', {}, mark, el('span', { class: 'grow' }, t('อ่านแล้วและไม่ได้ซื้อของต้องห้าม', 'I have read it and buy none of that'))));
}

function chooser(one, offer) {
  if (one.offers.length === 1) return null;
  return el('fieldset', { class: 'choices' }, el('legend', {}, t('เลือกคูปอง', 'Choose a coupon')), one.offers.map((each) =>
    el('label', {}, el('input', {
      type: 'radio', name: 'coupon', checked: each === offer,
      on: { change: () => one.showing.draw(confirmation(one, each)) },
    }), el('span', { class: 'grow' }, couponName(each.coupon)), el('b', {}, `${baht(each.quote.amount)} ฿`))));
}

/** Exactly the figures that were shown are signed; a quote of another time is asked for again. */
async function pay(one, { quote, coupon, told }, confirm) {
  const { state, code } = one;
  const late = Math.abs(quote.signed_at - state.city.now()) > 10 * 60 || (quote.signed_at - coupon.starts) % STEP_SECONDS;
  if (late) return choose(one, one.bill);
  const of = {
    campaign: coupon.campaign, merchant: code.merchant, bill: one.bill, amount: Number(quote.amount), copay: 0, signedAt: quote.signed_at,
  };
  try {
    const payment = await sign(state.city, state.key, of, told);
    const taken = await send(state.city, payment);
    return go(`#slip/${taken.id}`, { replace: true });
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.unsure) return one.showing.draw(unsure(one.showing, state, await underWay(), refused));
    confirm.replaceWith(refusedNotice(refused));
    return undefined;
  }
}

/** The answer was lost: the only way on is to send the very same payment again. */
function unsure(showing, state, payment, refused = null) {
  const told = el('div', { 'aria-live': 'assertive' }, refused && refusedNotice(refused));
  const again = button(t('ส่งรายการเดิมอีกครั้ง', 'Send the same payment again'), async () => {
    again.disabled = true;
    try {
      const taken = await send(state.city, payment);
      go(`#slip/${taken.id}`, { replace: true });
    } catch (failure) {
      told.replaceChildren(refusedNotice(failure));
      again.disabled = false;
      if (!failure.unsure) again.remove();
    }
  }, { drawing: 'undo' });
  return [heading(t('ยังไม่รู้ผลการจ่าย', 'We do not know yet')),
    notice('busy', 'wait', t('รายการนี้อาจถึงเมืองแล้วหรือยัง ส่งซ้ำได้ จะไม่จ่ายซ้ำ',
      'It may or may not have reached the city. Sending it again pays only once.')),
    facts([[t('ยอดบิล', 'Bill'), `${baht(payment.of.bill)} ฿`], [t('คูปองจ่าย', 'The coupon pays'), `${baht(payment.of.amount)} ฿`]]),
    told, again, home()];
}

