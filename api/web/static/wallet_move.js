// A paper coupon moves to this phone: its seed is read here, signs once, and is forgotten.

import { Refused } from './city.js';
import { fromHex, toHex } from './bytes.js';
import { couponName } from './coupons.js';
import { button, el, facts, link, notice } from './dom.js';
import { askPin, movedNotice, paperKey } from './paper.js';
import { decodeText, decodeTyped } from './qr_codec.js';
import { again, go, heading, refusedNotice } from './screens.js';
import { scanPlace } from './scanner.js';
import { keccak, moveDigest } from './typed_data.js';
import { newWalletForm } from './wallet_several.js';
import { baht, t } from './words.js';

const back = () => link(t('กลับ', 'Back'), '#more', { kind: 'second', drawing: 'back' });

export async function moveScreen(showing, state) {
  const title = t('ย้ายคูปองกระดาษมาเครื่องนี้', 'Move a paper coupon to this phone');
  const mine = await state.city.signed(state.key, '/v1/me/pass').catch((refused) => {
    if (refused.code === 'unknown_pass') return null;
    throw refused;
  });
  if (mine) {
    return showing.draw(heading(title), notice('busy', 'card', t('กระเป๋านี้มีบัตรอยู่แล้ว หนึ่งกระเป๋าถือได้หนึ่งบัตร', 'This wallet holds a pass already: one wallet, one pass.'),
      t('สร้างอีกกระเป๋าบนเครื่องนี้ให้เจ้าของกระดาษ หรือใช้กระดาษที่ร้านตามเดิม', 'Make another wallet on this phone for whoever owns the paper, or go on using the paper at shops.')),
    newWalletForm(state, t('สร้างกระเป๋าแล้วสแกนกระดาษ', 'Make it and scan the paper'), again), back());
  }
  const take = (text) => {
    const code = decodeText(text) ?? decodeTyped(text);
    if (code === null) return t('ไม่ใช่คิวอาร์ของเมือง', 'Not one of the city’s codes.');
    if (!state.city.isOurs(code)) return t('คิวอาร์นี้เป็นของเมืองอื่น', 'This code belongs to another city.');
    if (code.kind !== 'paper') return t('ไม่ใช่คูปองกระดาษ', 'Not a paper coupon.');
    if (code.pinNeeded) askPin(showing, code.seed, { label: t('รหัสบนซองหรือที่เจ้าหน้าที่บอก', 'On the envelope, or told by the officer'), back: back() }, (paper, wrong) => look(showing, state, paper, wrong));
    else look(showing, state, paperKey(code.seed));
    return null;
  };
  return showing.draw(heading(title), el('p', {}, t('สแกนคิวอาร์บนกระดาษ เมื่อย้ายแล้วกระดาษจะใช้ไม่ได้อีก', 'Scan the code on the paper. Once moved, the paper is worth nothing.')),
    scanPlace(showing, take, { typed: t('หรือพิมพ์รหัสใต้คิวอาร์', 'Or type the code under the QR') }), back());
}

/** What the paper holds, and the question whether to move it. */
async function look(showing, state, paper, wrong = null) {
  let found;
  if (!wrong) showing.draw(heading(t('กำลังดูคูปองกระดาษ…', 'Looking at the paper…')), back());
  try {
    found = await state.city.signed(paper, '/v1/me/coupons');
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    if (refused.code === 'unknown_pass' && wrong) return wrong();
    return showing.draw(heading(t('ย้ายไม่ได้', 'It cannot be moved')), refused.code === 'unknown_pass' ? movedNotice() : refusedNotice(refused), back());
  }
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const press = button(t('ย้ายมาเครื่องนี้', 'Move it to this phone'), async () => {
    press.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังย้าย…', 'Moving…')));
    try {
      await move(state, paper, found.pass);
      paper.forget();
      await arrived(showing, state);
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      told.replaceChildren(refusedNotice(refused));
      press.disabled = false;
    }
  }, { drawing: 'paper', id: 'move' });
  return showing.draw(heading(t('พบคูปองบนกระดาษ', 'Found on the paper')),
    facts(found.items.map((each) => [couponName(each), `${baht(each.left)} ฿`]), 'split'),
    notice('busy', 'paper', t('เมื่อย้ายแล้ว กระดาษใช้ไม่ได้อีก สิทธิ์ทั้งหมดอยู่ในเครื่องนี้', 'Once moved, the paper buys nothing; all of it is in this phone.')), press, told, back());
}

async function move(state, paper, number) {
  const signedAt = state.city.now();
  const digest = moveDigest(state.city.separator, { pass: number, from: paper.address, to: state.key.address, signedAt });
  const consent = '0x' + toHex(await state.key.sign(digest));
  const text = JSON.stringify({ to: state.key.address, signed_at: signedAt, signature: consent });
  const once = { 'idempotency-key': toHex(keccak(fromHex(toHex(digest)))).slice(0, 40) };
  return state.city.signed(paper, '/v1/me/move', text, once);
}

/** The chain has to hear of it: a few seconds, told as they pass. */
async function arrived(showing, state) {
  showing.draw(heading(t('กำลังย้าย', 'It is moving')), el('div', { class: 'card waiting', 'aria-hidden': 'true' }),
    notice('busy', 'wait', t('รับคำสั่งแล้ว กระดาษใช้ไม่ได้แล้ว คูปองจะขึ้นในเครื่องนี้ในไม่กี่วินาที', 'Accepted: the paper is worth nothing now. The coupons appear here within seconds.')),
    link(t('ไปที่คูปอง', 'To my coupons'), '#', { kind: 'second', drawing: 'card' }));
  return showing.repeat(1.5, async () => {
    const mine = await state.city.signed(state.key, '/v1/me/pass').catch(() => null);
    if (mine && showing.current) go('', { replace: false });
  });
}
