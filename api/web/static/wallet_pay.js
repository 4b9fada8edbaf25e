// The resident scans the shop: see its registered name and the exact split, then sign that.

import { Refused } from './city.js';
import { button, el, link, notice } from './dom.js';
import { chooser, figuresOf, goodsNotice, offersOf, split } from './offers.js';
import { send, sign, underWay, unsure } from './payment.js';
import { decodeBody, decodeText, decodeTyped, encodeBody } from './qr_codec.js';
import { go, heading, refusalOf, refusedNotice } from './screens.js';
import { scanPlace } from './scanner.js';
import { decodeShort } from './short_code.js';
import { coupons } from './wallet_home.js';
import { baht, satangOf, shopName, t } from './words.js';

/** Why a code cannot be paid, or null after going on with it. */
function takeCode(state, text) {
  const code = decodeText(text) ?? decodeTyped(text) ?? decodeShort(text, state.city.tag);
  if (code === null) return t('ไม่ใช่คิวอาร์ของเมือง อย่าจ่ายตามคิวอาร์นี้', 'Not one of the city’s codes. Do not pay for it.');
  if (!state.city.isOurs(code)) return t('คิวอาร์นี้เป็นของเมืองอื่น', 'This code belongs to another city.');
  if (code.kind === 'paper') return t('นี่คือคูปองกระดาษ ให้ร้านสแกน หรือย้ายมาเครื่องนี้ที่ “เพิ่มเติม”', 'This is a paper coupon: let the shop scan it, or move it to this phone under “More”.');
  if (code.kind === 'present') return t('นี่คือคิวอาร์ของลูกค้าอีกคน ให้ร้านแสดงคิวอาร์เรียกเก็บ', 'This is another customer’s code. Ask the shop to show its charge code.');
  // A receipt is nothing to pay: it leads to its slip, as the city tells it now.
  go(`${code.kind === 'receipt' ? 'receipt' : 'pay'}/${encodeBody(code, state.city.tag)}`);
  return null;
}

export async function scanScreen(showing, state) {
  const pending = await underWay(state.key.address);
  if (pending) return drawUnsure(showing, state, pending);
  showing.draw(heading(t('สแกนคิวอาร์ของร้าน', 'Scan the shop’s QR')),
    scanPlace(showing, (text) => takeCode(state, text), { typed: t('หรือพิมพ์รหัสใต้คิวอาร์', 'Or type the code under the QR') }));
  return undefined;
}

function drawUnsure(showing, state, payment, refused = null) {
  showing.draw(unsure(state.city, payment, { done: (taken) => go(`#slip/${taken.id}`, { replace: true }), back: home(), refused }));
}

export async function payScreen(showing, state, body) {
  const pending = await underWay(state.key.address);
  if (pending) return drawUnsure(showing, state, pending);
  const code = decodeBody(body);
  if (code?.kind !== 'charge' || !state.city.isOurs(code)) return go('scan');
  showing.draw(heading(t('กำลังดูข้อมูลร้าน…', 'Looking up the shop…')));
  const [shop, found] = await Promise.all([
    state.city.get(`/v1/merchants/${code.merchant}`), coupons(state)]);
  if (!found.fresh) throw new Refused({ code: 'offline', detail_th: 'สแกนจ่ายต้องมีสัญญาณ', detail_en: 'Paying a shop’s code needs a signal.',
    action_th: 'แสดงคิวอาร์ของท่านให้ร้านสแกนแทน', action_en: 'Show your own QR to the shop instead.' }, 0);
  const name = shopName({ th: shop.name_th, en: shop.name_en }, code.merchant);
  // The wallet that was asked is the one that signs, whatever is chosen meanwhile.
  const one = { state, key: state.key, whose: state.wallet, showing, code, name, coupons: found.items };
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
    told.replaceChildren(bill ? notice('busy', 'wait', t('กำลังคิดยอด…', 'Working it out…'))
      : notice('bad', 'cross', t('ใส่ยอดเป็นบาท เช่น 120 หรือ 120.50', 'Type an amount in baht, like 120 or 120.50.')));
    if (bill) choose(one, bill);
  };
  return [head(one, true), el('form', { on: { submit } }, el('label', { for: 'bill' }, t('ยอดบิล (บาท)', 'The bill (baht)')), field, told,
    el('button', { type: 'submit', class: 'button main' }, t('ต่อไป', 'Next')))];
}

/** Ask what each coupon would pay and show the best; the others stay one tap away. */
async function choose(one, bill) {
  const { state, showing, code, key } = one;
  const charge = { merchant: code.merchant, bill, reference: code.reference };
  try {
    const offers = await offersOf(state.city, key.address, one.coupons, charge);
    if (offers.length) return showing.draw(confirmation({ ...one, charge, offers }, offers[0]));
    return showing.draw(head(one, true), notice('bad', 'cross', t('กระเป๋านี้ยังไม่มีคูปอง', 'This wallet has no coupon yet.'),
      t('จ่ายเงินสด หรือถามเทศบาล', 'Pay cash, or ask the city.')), home());
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    return showing.draw(head(one, true), refusedNotice(refused), button(t('ลองอีกครั้ง', 'Try again'), () => choose(one, bill)), home());
  }
}

const home = () => link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' });

function confirmation(one, offer) {
  const { quote, coupon } = offer;
  const parts = [head(one, true), chooser(one.offers, offer, (other) => one.showing.draw(confirmation(one, other))),
    split(one.charge.bill, offer, one.whose.several && [t('จากกระเป๋า', 'From the wallet'), one.whose.name])];
  if (!quote.verdict.accepted) return [...parts, refusalOf(quote.verdict.refusal), home()];
  const confirm = button(t(`ยืนยันจ่าย ${baht(quote.amount)} ฿`, `Confirm ${baht(quote.amount)} ฿`), async () => {
    if (confirm.disabled) return;
    confirm.disabled = true;
    confirm.textContent = t('กำลังส่งให้ร้าน…', 'Sending to the shop…');
    await pay(one, offer, confirm);
  }, { drawing: 'tick', id: 'confirm' });
  return [...parts, goodsNotice(coupon, confirm), confirm, home()];
}

/** Exactly the figures that were shown are signed; a quote of another time is asked for again. */
async function pay(one, offer, confirm) {
  const { state, key } = one;
  const of = figuresOf(one.charge, offer, state.city.now());
  if (of === null) return choose(one, one.charge.bill);
  let payment = null;
  try {
    payment = await sign(state.city, key, key.address, of, offer.told);
    const taken = await send(state.city, payment);
    return go(`#slip/${taken.id}`, { replace: true });
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.unsure) return drawUnsure(one.showing, state, payment, refused);
    confirm.replaceWith(refusedNotice(refused));
    return undefined;
  }
}
