// Undoing: a cashier asks, the owner signs or says no; the owner undoes by a signature alone.

import { toHex } from './bytes.js';
import { button, el, facts, icon, link, notice } from './dom.js';
import { hear } from './live.js';
import { again, go, heading } from './screens.js';
import { back, order, ownersOnly, pressing, shopPath } from './shop_owner.js';
import { slip } from './slip.js';
import { voidDigest } from './typed_data.js';
import { baht, moment, t } from './words.js';

const readRedemption = (state, id) => state.city.get(`/v1/redemptions/${encodeURIComponent(id)}`);

/** The owner's signature over exactly this: nothing is undone without it. */
async function sendVoid(state, of, amount) {
  const voidedAt = state.city.now();
  const digest = voidDigest(state.city.separator, {
    campaign: of.campaign, pass: of.pass, merchant: of.merchant, amount, signedAt: of.signed_at, voidedAt,
  });
  const signature = '0x' + toHex(await state.key.sign(digest));
  await order(state, `/v1/redemptions/${encodeURIComponent(of.id)}/void`, { amount: String(amount), voided_at: voidedAt, signature });
}

export const voidsScreen = ownersOnly(async (showing, state) => {
  const title = t('คำขอคืนสิทธิ์', 'Requests to undo');
  showing.draw(heading(title), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  let shown = null;
  const cards = new Map();
  const look = async () => {
    const { items } = await state.city.signed(state.key, shopPath(state, 'void-requests'));
    const told = JSON.stringify(items);
    if (told !== shown) await drawWishes(showing, state, items, cards);
    shown = told;
  };
  await look();
  const hearing = () => look().catch(() => {});
  hear(showing, { city: state.city, key: state.key, ask: look, told: { asked: hearing } });
});

/** The oldest wish first: a new one comes below, and a card that was drawn stays as it is. */
async function drawWishes(showing, state, items, cards) {
  const asked = items.filter((each) => each.state === 'asked').reverse();
  const answered = items.filter((each) => each.state !== 'asked').slice(0, 20);
  await Promise.all(asked.filter((each) => !cards.has(each.request)).map(async (each) => {
    cards.set(each.request, requestCard(state, each, await readRedemption(state, each.redemption)));
  }));
  showing.draw(heading(t('คำขอคืนสิทธิ์', 'Requests to undo')),
    asked.length ? el('ul', { class: 'cards' }, asked.map((each) => cards.get(each.request)))
      : notice('good', 'tick', t('ไม่มีคำขอที่รออยู่', 'No request is waiting.')),
    answered.length > 0 && el('section', { class: 'part' }, el('h2', {}, t('ตอบแล้ว', 'Answered')), el('ul', { class: 'rows' }, answered.map((each) =>
      el('li', {}, el('a', { class: 'row', href: `#slip/${each.redemption}` },
        el('span', { class: 'mark' }, icon(each.state === 'granted' ? 'undo' : 'cross')),
        el('span', { class: 'grow' }, el('b', {}, each.state === 'granted' ? t('อนุมัติแล้ว', 'Approved') : t('ไม่อนุมัติ', 'Declined')), el('span', { class: 'small' }, each.reason)),
        el('b', { class: 'number' }, `${baht(each.amount)} ฿`)))))),
    back());
}

function requestCard(state, request, of) {
  const told = el('div', { 'aria-live': 'polite' });
  const approve = button(t(`คืนสิทธิ์ ${baht(request.amount)} ฿`, `Undo ${baht(request.amount)} ฿`), pressing(() => approve, told, async () => {
    await sendVoid(state, of, Number(request.amount));
    again();
  }), { drawing: 'undo' });
  const decline = button(t('ไม่อนุมัติ', 'Decline'), pressing(() => decline, told, async () => {
    await order(state, shopPath(state, `void-requests/${request.request}/decline`));
    again();
  }), { kind: 'second', drawing: 'cross' });
  return el('li', { class: 'card' }, el('h2', {}, request.reason),
    facts([
      [t('จาก', 'From'), request.branch],
      [t('ขอเมื่อ', 'Asked'), moment(request.asked_at)],
      [t('รับคูปองเมื่อ', 'Taken'), moment(of.accepted_at ?? of.signed_at)],
      [t('ยอดบิล', 'Bill'), `${baht(of.bill)} ฿`],
      [t('คูปองจ่าย', 'Paid by coupon'), `${baht(of.amount)} ฿`],
    ], 'tight'),
    notice('busy', 'undo', t('เมื่อคืนสิทธิ์แล้ว เมืองจะไม่จ่ายยอดนี้ให้ร้าน', 'Once undone, the city does not pay this to the shop.')),
    approve, decline, told);
}

/** One redemption of the shop, and undoing it: the owner at once, a cashier by asking. */
export async function undoScreen(showing, state, id) {
  const of = await readRedemption(state, id);
  const left = BigInt(of.amount) - BigInt(of.voided);
  const done = of.status === 'failed' || left === 0n;
  const title = t('คืนสิทธิ์ให้ลูกค้า', 'Undo for the customer');
  if (of.merchant !== state.till.merchant || done) {
    return showing.draw(heading(title), notice('busy', 'undo', t('รายการนี้ไม่มีอะไรให้คืนแล้ว', 'Nothing is left to undo here.')), back('#today'));
  }
  const owner = state.till.role === 'owner';
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const reason = el('input', { id: 'reason', required: true, maxlength: 200, autocomplete: 'off', placeholder: t('เช่น พิมพ์ยอดผิด', 'e.g. wrong bill typed') });
  const press = el('button', { type: 'submit', class: 'button main' }, icon('undo'),
    owner ? t(`คืนสิทธิ์ ${baht(left)} ฿`, `Undo ${baht(left)} ฿`) : t('ขอเจ้าของร้านให้คืน', 'Ask the owner to undo it'));
  const submit = (event) => {
    event.preventDefault();
    return pressing(() => press, told, async () => {
      if (owner) {
        await sendVoid(state, of, Number(left));
        return go(`#slip/${of.id}`, { replace: true });
      }
      await order(state, '/v1/devices/me/void-requests', { redemption: of.id, reason: reason.value });
      return awaitAnswer(showing, state, of);
    })();
  };
  return showing.draw(heading(title), el('p', { class: 'figure' }, `${baht(left)} ฿`),
    facts([[t('รับเมื่อ', 'Taken'), moment(of.accepted_at ?? of.signed_at)], [t('ยอดบิล', 'Bill'), `${baht(of.bill)} ฿`], [t('เลขอ้างอิง', 'Reference'), el('code', {}, of.id)]]),
    el('form', { on: { submit } }, !owner && [el('label', { for: 'reason' }, t('เหตุผล', 'Why')), reason],
      owner && el('p', {}, t('สิทธิ์ โควตาวันนี้ และงบจะกลับคืนเท่าที่ใช้ไป เมืองจะไม่จ่ายยอดนี้', 'Allowance, today’s quota and the budget come back exactly; the city does not pay it.')),
      told, press), back('#today'));
}

/** The cashier sees the owner's answer on the same screen, as soon as it is given. */
function awaitAnswer(showing, state, of) {
  showing.draw(heading(t('ส่งคำขอแล้ว', 'The owner has been asked')),
    notice('good', 'tick', t('ยังไม่มีอะไรถูกคืน จนกว่าเจ้าของร้านจะอนุมัติ', 'Nothing is undone until the owner approves.')),
    el('p', { class: 'waiting-line', role: 'status' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), t('รอคำตอบของเจ้าของร้าน…', 'Waiting for the owner…')), back('#today'));
  const answered = (granted) => showing.draw(heading(granted ? t('คืนสิทธิ์แล้ว', 'Undone') : t('เจ้าของร้านไม่อนุมัติ', 'The owner declined')),
    granted ? notice('good', 'undo', t('เจ้าของร้านอนุมัติแล้ว ลูกค้าได้สิทธิ์คืน', 'The owner approved: the customer has it back.'))
      : notice('bad', 'cross', t('ไม่มีอะไรถูกคืน', 'Nothing was undone.'), t('คุยกับเจ้าของร้าน', 'Talk to the owner.')), back('#today'));
  hear(showing, {
    city: state.city, key: state.key,
    ask: async () => {
      if ((await readRedemption(state, of.id)).voided !== of.voided) answered(true);
    },
    told: { asked: (wish) => wish.redemption === of.id && wish.state !== 'asked' && answered(wish.state === 'granted') },
  });
}

/** A past redemption: plain, so that nobody takes it for a new one. */
export async function slipScreen(showing, state, id) {
  const of = await readRedemption(state, id);
  const mine = of.merchant === state.till.merchant && of.status !== 'failed' && of.voided !== of.amount;
  showing.draw(heading(t('รายการที่ผ่านมา', 'A past one')), slip(of, state.cityName),
    mine && link(t('คืนสิทธิ์รายการนี้', 'Undo this one'), `#undo/${of.id}`, { kind: 'second', drawing: 'undo' }),
    link(t('ยอดวันนี้', 'Today'), '#today', { kind: 'second', drawing: 'back' }));
}
