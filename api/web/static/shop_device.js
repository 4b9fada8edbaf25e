// This device: its key, how it becomes a till of a shop, and the shop's day.

import { button, el, facts, link, notice } from './dom.js';
import { createKey } from './keys.js';
import { qrPicture } from './qr_picture.js';
import { again, heading, refusedNotice } from './screens.js';
import { historyRow, slip } from './slip.js';
import { tillName } from './shop_bill.js';
import { baht, date, t } from './words.js';

export async function welcome(showing, state) {
  if (!state.key) {
    const make = button(t('ใช้เครื่องนี้รับคูปอง', 'Take coupons with this device'), async () => {
      make.disabled = true;
      state.key = await createKey('shop');
      again();
    }, { drawing: 'shop' });
    return showing.draw(heading(t('เครื่องรับคูปองของร้าน', 'The shop’s till')),
      el('p', { class: 'lead' }, t('รับคูปองของเมืองด้วยมือถือหรือแท็บเล็ตเครื่องนี้', 'Take the city’s coupons with this phone or tablet.')), make,
      el('p', { class: 'small' }, t('กุญแจของเครื่องถูกสร้างในเครื่องนี้และไม่ถูกส่งออกไปไหน', 'The device’s key is made here and never leaves it.')));
  }
  return showing.draw(heading(t('ผูกเครื่องนี้กับร้าน', 'Pair this device with the shop')), pairing(state),
    el('details', {}, el('summary', {}, t('เจ้าของร้าน: ขึ้นทะเบียนด้วยเครื่องนี้', 'Owner: register with this device')),
      el('p', {}, t('ให้เจ้าหน้าที่เทศบาลสแกนรหัสนี้ เงินของร้านจะจ่ายให้กุญแจของเครื่องนี้', 'Let a city officer scan this code: the shop is then paid to this device’s key.')),
      el('div', { class: 'paper' }, qrPicture(state.key.address, t('เลขที่ของเครื่องเป็นคิวอาร์', 'The device’s address as a QR'))),
      el('p', {}, el('code', { id: 'address' }, state.key.address)),
      button(t('ขึ้นทะเบียนแล้ว', 'I am registered'), again, { kind: 'second', drawing: 'tick' })));
}

function pairing(state) {
  const number = el('input', { id: 'merchant', inputmode: 'numeric', pattern: '[0-9]+', required: true, autocomplete: 'off' });
  const code = el('input', { id: 'pairing', required: true, autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: 'false', maxlength: 16 });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const submit = async (event) => {
    event.preventDefault();
    told.replaceChildren(notice('busy', 'wait', t('กำลังผูกเครื่อง…', 'Pairing…')));
    try {
      const text = JSON.stringify({ merchant: Number(number.value), code: code.value });
      await state.city.signed(state.key, '/v1/devices/claim', text, { 'idempotency-key': crypto.randomUUID() });
      state.till = null;
      again();
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
  };
  return el('form', { on: { submit } },
    el('p', {}, t('เจ้าของร้านออกรหัสผูกเครื่องให้ ใช้ได้ครั้งเดียวภายใน 5 นาที', 'The shop’s owner gives you a pairing code: once, within five minutes.')),
    el('label', { for: 'merchant' }, t('หมายเลขร้าน', 'Shop number')), number,
    el('label', { for: 'pairing' }, t('รหัสผูกเครื่อง', 'Pairing code')), code, told,
    el('button', { type: 'submit', class: 'button main' }, t('ผูกเครื่อง', 'Pair')));
}

export async function deviceScreen(showing, state) {
  const { till } = state;
  showing.draw(heading(t('เครื่องนี้', 'This device')), facts([
    [t('ร้าน', 'Shop'), tillName(till)],
    [t('หมายเลขร้าน', 'Shop number'), String(till.merchant)],
    [t('ใช้ในฐานะ', 'Used as'), till.role === 'owner' ? t('เจ้าของร้าน', 'Owner') : t('แคชเชียร์', 'Cashier')],
    till.branch && [t('สาขา', 'Branch'), till.branch],
    till.bill_max && [t('รับต่อบิลไม่เกิน', 'At most a bill'), `${baht(till.bill_max)} ฿`],
    till.day_max && [t('รับต่อวันไม่เกิน', 'At most a day'), `${baht(till.day_max)} ฿`],
    [t('เลขที่ของเครื่อง', 'Address'), el('code', {}, till.address)],
  ]));
}

export async function todayScreen(showing, state) {
  showing.draw(heading(t('ยอดวันนี้', 'Today')), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const day = await state.city.signed(state.key, '/v1/till/today');
  showing.draw(heading(t('ยอดวันนี้', 'Today')), el('section', { class: 'card' },
    el('p', { class: 'small' }, date(day.since)),
    el('p', { class: 'figure' }, `${baht(day.amount)} ฿`),
    el('p', {}, t(`${day.count} รายการ เมืองจะจ่ายให้ร้าน`, `${day.count} taken; the city will pay the shop`))),
  day.items.length ? el('ul', { class: 'rows' }, day.items.map((each) => historyRow(each, t(`บิล ${baht(each.bill)} ฿`, `Bill ${baht(each.bill)} ฿`))))
    : notice('busy', 'list', day.count ? t('เจ้าของร้านเห็นรายการทั้งหมดได้', 'The owner sees each of them.') : t('วันนี้ยังไม่มีรายการ', 'Nothing was taken today yet.')),
  link(t('รับคูปอง', 'Take a coupon'), '#', { drawing: 'shop' }));
}


/** A past redemption: plain, so that nobody takes it for a new one. */
export async function slipScreen(showing, state, id) {
  const of = await state.city.get(`/v1/redemptions/${encodeURIComponent(id)}`);
  showing.draw(heading(t('รายการที่ผ่านมา', 'A past one')), slip(of, state.cityName),
    link(t('ยอดวันนี้', 'Today'), '#today', { kind: 'second', drawing: 'back' }));
}
