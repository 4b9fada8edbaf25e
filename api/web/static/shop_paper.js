// A customer's paper at the till: this device derives its key, shows the figures, signs a redemption that
// names this shop when the customer says yes, and forgets the key. A paper's key is kept nowhere.

import { Refused } from './city.js';
import { button, el, link, notice } from './dom.js';
import { chooser, figuresOf, goodsNotice, offersOf, split } from './offers.js';
import { askPin, movedNotice, paperKey } from './paper.js';
import { send, sign, underWay, unsure } from './payment.js';
import { go, heading, refusalOf, refusedNotice } from './screens.js';
import { newReference } from './short_code.js';
import { baht, t } from './words.js';

const PLACE = 'paper';
const again = (bill) => button(t('สแกนใหม่', 'Scan again'), () => go(`scan/${bill}/${Date.now()}`), { kind: 'second', drawing: 'scan' });
const cancel = () => link(t('ยกเลิก', 'Cancel'), '#', { kind: 'second', drawing: 'back' });
const taken = (of) => go(`#taken/${of.id}`, { replace: true });

/** A paper's payment whose answer was lost, or undefined. */
export const paperUnderWay = () => underWay(PLACE);

export function drawUnsure(showing, state, payment, refused = null) {
  showing.draw(unsure(state.city, payment, { done: taken, back: cancel(), refused }),
    notice('busy', 'shop', t('อย่าส่งของจนกว่าจอจะเขียว', 'Do not hand goods over until the screen is green.')));
}

export function takePaper(showing, state, code, bill) {
  if (!code.pinNeeded) return look(showing, state, paperKey(code.seed), bill);
  return askPin(showing, code.seed, { label: t('ให้ลูกค้าพิมพ์รหัสบนซอง', 'Let the customer type the PIN on the envelope'), back: cancel() },
    (paper, wrong) => look(showing, state, paper, bill, wrong));
}

/** What each coupon of the paper would pay, or why none does. */
async function look(showing, state, paper, bill, wrong = null) {
  if (!wrong) showing.draw(heading(t('กำลังดูคูปองกระดาษ…', 'Looking at the paper…')), cancel());
  const charge = { merchant: state.till.merchant, bill: Number(bill), reference: newReference(state.key.address) };
  try {
    const { items } = await state.city.signed(paper, '/v1/me/coupons');
    const offers = await offersOf(state.city, paper.address, items, charge);
    if (offers.length) return draw(showing, state, { paper, charge, offers }, offers[0]);
    return refuse(showing, bill, notice('bad', 'cross', t('กระดาษนี้ยังไม่มีคูปอง', 'This paper has no coupon yet.'), t('ให้ลูกค้าจ่ายเงินสด', 'Take cash.')));
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.code === 'unknown_pass') return wrong ? wrong() : refuse(showing, bill, movedNotice());
    return refuse(showing, bill, refusedNotice(refused));
  }
}

const refuse = (showing, bill, why) => showing.draw(heading(t('รับคูปองกระดาษไม่ได้', 'The paper cannot be taken')), why, again(bill), cancel());

/** The figures, for the customer to see before this device signs for the paper. */
function draw(showing, state, one, offer) {
  const { charge, paper, offers } = one;
  const parts = [heading(t('คูปองกระดาษของลูกค้า', 'The customer’s paper')), chooser(offers, offer, (other) => draw(showing, state, one, other)), split(charge.bill, offer)];
  const { verdict, amount } = offer.quote;
  if (!verdict.accepted) return showing.draw(...parts, refusalOf(verdict.refusal), again(charge.bill), cancel());
  const told = el('div', { class: 'told', 'aria-live': 'assertive' });
  const confirm = button(t(`ลูกค้ายืนยันจ่าย ${baht(amount)} ฿`, `The customer confirms ${baht(amount)} ฿`), async () => {
    if (confirm.disabled) return;
    confirm.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังตรวจกับเมือง…', 'Asking the city…')));
    await pay(showing, state, one, offer, { confirm, told });
  }, { drawing: 'tick', id: 'confirm' });
  showing.onLeave(() => paper.forget());
  return showing.draw(...parts, notice('busy', 'paper', t('ให้ลูกค้าดูยอดบนจอนี้ก่อนกดยืนยัน', 'Let the customer see these figures before you press.')),
    goodsNotice(offer.coupon, confirm), confirm, told, cancel());
}

async function pay(showing, state, { paper, charge }, offer, { confirm, told }) {
  const of = figuresOf(charge, offer, state.city.now());
  if (of === null) return look(showing, state, paper, charge.bill);
  let payment = null;
  try {
    payment = await sign(state.city, paper, PLACE, of, offer.told);
    return taken(await send(state.city, payment));
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.unsure) return drawUnsure(showing, state, payment, refused);
    told.replaceChildren(refusedNotice(refused));
    return confirm.replaceWith(again(charge.bill));
  }
}
