// Taking: a charge that waits for the city's word, a customer's code, and the green screen.

import { Refused } from './city.js';
import { hear } from './live.js';
import { fromHex } from './bytes.js';
import { button, el, facts, icon, link, notice } from './dom.js';
import { decodeText, decodeTyped, encodeBody, encodeText } from './qr_codec.js';
import { qrPicture } from './qr_picture.js';
import { go, heading, refusedNotice } from './screens.js';
import { scanPlace } from './scanner.js';
import { tillName } from './shop_bill.js';
import { rememberTaken } from './shop_device.js';
import { shortCode } from './short_code.js';
import { soundTaken } from './sound.js';
import { baht, bangkokMidnight, moment, shopName, t } from './words.js';

const FRESH_SECONDS = 120;
const CHARGE_SECONDS = 900;
const ASK_AGAIN_MS = 700;
const another = () => link(t('ลูกค้าคนต่อไป', 'Next customer'), '#', { drawing: 'shop' });

export async function chargeScreen(showing, state, bill, reference) {
  const { city, till } = state;
  if (!/^[1-9]\d{0,9}$/.test(bill) || !/^[0-9a-f]{16}$/.test(reference ?? '')) return go('');
  const code = { kind: 'charge', merchant: till.merchant, bill: Number(bill), reference: fromHex(reference) };
  const waiting = el('p', { class: 'waiting-line', role: 'status' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), t('รอลูกค้าสแกน…', 'Waiting for the customer…'));
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  // What the shop watches stands above what the customer scans: no bar at the bottom hides it.
  showing.draw(heading(tillName(till)), el('div', { class: 'charge' }, el('p', { class: 'figure' }, `${baht(bill)} ฿`), waiting,
    el('div', { class: 'paper' }, qrPicture(encodeText(code, city.deployment.origin, city.tag), t(`คิวอาร์เรียกเก็บ ${baht(bill)} บาท`, `A charge of ${baht(bill)} baht`))),
    el('p', { class: 'small code-text' }, t('รหัสสำหรับพิมพ์', 'To be typed'), el('br'), el('code', { id: 'code' }, shortCode(code, city.tag) ?? encodeBody(code, city.tag).replace(/(.{4})(?=.)/g, '$1 '))),
    link(t('ยกเลิก', 'Cancel'), '#', { kind: 'second', drawing: 'back' }), told));
  const since = city.now() - CHARGE_SECONDS;
  const paid = (taken) => {
    const mine = taken.reference === reference && taken.bill === bill && taken.status !== 'failed' && taken.accepted_at >= since;
    if (mine && showing.current) go(`#taken/${taken.id}`, { replace: true });
  };
  hear(showing, {
    city, key: state.key, told: { taken: paid },
    ask: async () => {
      const { items } = await city.signed(state.key, `/v1/till/charges/${reference}`);
      told.replaceChildren();
      items.forEach((each) => paid({ ...each, reference }));
    },
    failed: (refused) => {
      if (!(refused instanceof Refused)) throw refused;
      told.replaceChildren(refusedNotice(refused));
    },
  });
  return undefined;
}

export async function scanScreen(showing, state, bill) {
  if (!/^[1-9]\d{0,9}$/.test(bill ?? '')) return go('');
  const papers = await import('./shop_paper.js');
  const pending = await papers.paperUnderWay();
  if (pending) return papers.drawUnsure(showing, state, pending);
  let busy = false;
  const place = el('div', { class: 'actions', 'aria-live': 'assertive' });
  const take = (text) => {
    const code = decodeText(text) ?? decodeTyped(text);
    if (code === null) return t('ไม่ใช่คิวอาร์ของเมือง', 'Not one of the city’s codes.');
    if (!state.city.isOurs(code)) return t('คิวอาร์นี้เป็นของเมืองอื่น', 'This code belongs to another city.');
    if (code.kind === 'charge') return t('นี่คือคิวอาร์ของร้าน ให้ลูกค้าเปิดหน้า “แสดงคิวอาร์ให้ร้าน”', 'This is a shop’s code. Ask the customer to open “Show my QR”.');
    if (busy) return null;
    busy = true;
    if (code.kind === 'paper') papers.takePaper(showing, state, code, bill);
    else if (code.kind === 'receipt') go(`receipt/${encodeBody(code, state.city.tag)}`);
    else takePresent(showing, state, text, bill, place);
    return null;
  };
  showing.draw(heading(t('สแกนคิวอาร์ลูกค้า', 'Scan the customer')), el('p', { class: 'figure' }, `${baht(bill)} ฿`), place,
    link(t('ยกเลิก', 'Cancel'), '#', { kind: 'second', drawing: 'back' }));
  place.append(scanPlace(showing, take, { typed: t('หรือพิมพ์รหัสใต้คิวอาร์ของลูกค้า', 'Or type the code under the customer’s QR') }));
  return undefined;
}

/** One key for one scan: sent again, it takes nothing twice. */
async function takePresent(showing, state, present, bill, told) {
  const text = JSON.stringify({ present: present.trim().toUpperCase(), merchant: state.till.merchant, bill });
  const key = { 'idempotency-key': crypto.randomUUID() };
  const send = async () => {
    told.replaceChildren(notice('busy', 'wait', t('กำลังตรวจกับเมือง…', 'Asking the city…')));
    try {
      const taken = await state.city.signed(state.key, '/v1/redemptions', text, key);
      if (showing.current) go(`#taken/${taken.id}`, { replace: true });
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      told.replaceChildren(refusedNotice(refused), refused.unsure
        ? button(t('ส่งรายการเดิมอีกครั้ง', 'Send the same again'), send, { drawing: 'undo' })
        : button(t('สแกนใหม่', 'Scan again'), () => go(`scan/${bill}/${Date.now()}`), { drawing: 'scan' }));
    }
  };
  return send();
}

const sounded = new Set();

/** The city's word about a redemption, asked for until it comes: a line that broke may break again. */
async function readTaken(showing, state, id) {
  while (showing.current) {
    try {
      return await state.city.get(`/v1/redemptions/${encodeURIComponent(id)}`);
    } catch (refused) {
      if (!refused.unsure) throw refused;
      showing.draw(heading(t('กำลังตรวจกับเมือง…', 'Asking the city…')), notice('busy', 'wait',
        t('สัญญาณขาดชั่วขณะ กำลังลองใหม่ อย่าส่งของจนกว่าจอจะเขียว', 'The line broke; asking again. Do not hand goods over until the screen is green.')), another());
      await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    }
  }
  return null;
}

/** Green only by the city's own answer about this redemption. */
export async function takenScreen(showing, state, id) {
  const of = await readTaken(showing, state, id);
  if (of === null) return undefined;
  if (of.merchant !== state.till.merchant || of.status === 'failed') {
    return showing.draw(heading(t('ไม่ใช่รายการของร้านนี้', 'Not taken by this shop')), another());
  }
  if (state.city.now() - of.accepted_at > FRESH_SECONDS) return go(`#slip/${id}`, { replace: true });
  showing.draw(heading(t('รับคูปองแล้ว', 'Taken')), el('section', { class: 'taken', role: 'status' }, icon('tick'),
    el('p', { class: 'figure' }, `${baht(of.amount)} ฿`),
    el('p', {}, el('b', {}, shopName(of.merchant_name, of.merchant))),
    el('p', {}, moment(of.accepted_at ?? of.signed_at)),
    el('span', { class: 'runner', 'aria-hidden': 'true' })),
  facts([
    [t('ยอดบิล', 'Bill'), `${baht(of.bill)} ฿`],
    [t('เมืองจ่ายให้ร้าน', 'The city pays the shop'), `${baht(of.amount)} ฿`],
    [t('เก็บเงินสดจากลูกค้า', 'Cash from the customer'), el('b', { class: 'pays' }, `${baht(of.cash)} ฿`)],
    [t('เลขอ้างอิง', 'Reference'), el('code', {}, of.id)],
  ], 'split'), another(),
  link(t('พิมพ์ผิด? คืนสิทธิ์รายการนี้', 'Wrong? Undo this one'), `#undo/${of.id}`, { kind: 'second', drawing: 'undo' }));
  if (!sounded.has(id)) soundTaken();
  sounded.add(id);
  await rememberTaken(id, bangkokMidnight(of.accepted_at));
  return undefined;
}
