// This device: its key, how it becomes a till of a shop, and the shop's day.

import { button, el, icon, link, notice } from './dom.js';
import { createKey } from './keys.js';
import { qrPicture } from './qr_picture.js';
import { again, asking, go, heading, refusedNotice } from './screens.js';
import { keep, kept } from './store.js';
import { baht, date, dayWords, t } from './words.js';

const REMEMBERED_MAX = 30;

export async function welcome(showing, state, merchant = '', code = '') {
  if (!state.key) {
    const make = button(t('ใช้เครื่องนี้รับคูปอง', 'Take coupons with this device'), async () => {
      make.disabled = true;
      state.key = await createKey('shop');
      again();
    }, { drawing: 'shop' });
    return showing.draw(heading(t('เครื่องรับคูปองของร้าน', 'The shop’s till')),
      el('p', { class: 'lead' }, t('รับคูปองของเมืองด้วยมือถือหรือแท็บเล็ตเครื่องนี้', 'Take the city’s coupons with this phone or tablet.')), make,
      el('p', { class: 'small' }, t('กุญแจของเครื่องถูกสร้างในเครื่องนี้และไม่ถูกส่งออกไปไหน', 'The device’s key is made here and never leaves it.')),
      link(t('กู้กุญแจร้านคืน', 'Bring the shop’s key back'), '#restore', { kind: 'second', drawing: 'key' }));
  }
  return showing.draw(heading(t('ผูกเครื่องนี้กับร้าน', 'Pair this device with the shop')), pairing(state, { merchant, code }),
    el('details', {}, el('summary', {}, t('เจ้าของร้าน: ขึ้นทะเบียนด้วยเครื่องนี้', 'Owner: register with this device')),
      el('p', {}, t('ให้เจ้าหน้าที่เทศบาลสแกนรหัสนี้ เงินของร้านจะจ่ายให้กุญแจของเครื่องนี้', 'Let a city officer scan this code: the shop is then paid to this device’s key.')),
      el('div', { class: 'paper' }, qrPicture(state.key.address, t('เลขที่ของเครื่องเป็นคิวอาร์', 'The device’s address as a QR'))),
      el('p', {}, el('code', { id: 'address' }, state.key.address)),
      asking(t('ขึ้นทะเบียนแล้ว', 'I am registered'), { kind: 'second', drawing: 'tick' }, () => state.city.signed(state.key, '/v1/till'))));
}

function pairing(state, offered) {
  const number = el('input', { id: 'merchant', inputmode: 'numeric', pattern: '[0-9]+', required: true, autocomplete: 'off', value: offered.merchant });
  const code = el('input', { id: 'pairing', required: true, autocomplete: 'one-time-code', autocapitalize: 'characters', spellcheck: 'false', maxlength: 16, value: offered.code });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const submit = async (event) => {
    event.preventDefault();
    told.replaceChildren(notice('busy', 'wait', t('กำลังผูกเครื่อง…', 'Pairing…')));
    try {
      const text = JSON.stringify({ merchant: Number(number.value), code: code.value });
      await state.city.signed(state.key, '/v1/devices/claim', text, { 'idempotency-key': crypto.randomUUID() });
      state.till = null;
      if (location.hash.length > 1) go('');
      else again();
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

/** A key that was withdrawn is withdrawn for good: the device may begin again with a new one. */
export async function revokedScreen(showing, state) {
  const left = await (await import('./shop_stubs.js')).leftStubs(state.key);
  const anew = button(t('ผูกกับร้านใหม่', 'Pair it anew'), async () => {
    anew.disabled = true;
    state.key = await createKey('shop');
    state.revoked = false;
    again();
  }, { drawing: 'shop' });
  showing.draw(heading(t('เครื่องนี้ถูกยกเลิกแล้ว', 'This device was withdrawn')),
    notice('bad', 'cross', t('เจ้าของร้านยกเลิกเครื่องนี้ เครื่องนี้รับคูปองไม่ได้อีก', 'The owner has withdrawn this device. It takes no coupons any more.'),
      t('หากยังทำงานที่ร้าน ขอรหัสผูกเครื่องใหม่จากเจ้าของร้าน', 'If you still work here, ask the owner for a new pairing code.')), left, anew);
}

/** What this device itself took today, newest first: ids, kept here and nowhere else. */
export async function rememberTaken(id, day) {
  const before = await kept('taken');
  const ids = before?.day === day ? before.ids : [];
  if (!ids.includes(id)) await keep('taken', { day, ids: [id, ...ids].slice(0, REMEMBERED_MAX) });
}

async function ownRows(state, day) {
  const before = await kept('taken');
  const ids = before?.day === day ? before.ids : [];
  const found = await Promise.all(ids.map((id) => state.city.get(`/v1/redemptions/${encodeURIComponent(id)}`).catch(() => null)));
  return found.filter((each) => each?.merchant === state.till.merchant);
}

export async function todayScreen(showing, state) {
  const title = t('ยอดวันนี้', 'Today');
  showing.draw(heading(title), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const { city, key } = state;
  const seen = new Map();
  // The till's first screen does without these: they come while the city is asked.
  const needed = Promise.all([import('./live.js'), import('./slip.js')]);
  needed.catch(() => {});
  const look = async () => {
    const day = await city.signed(key, '/v1/till/today');
    const rows = state.till.role === 'owner' ? day.items : await ownRows(state, day.since);
    const shown = JSON.stringify([day.amount, day.due_on, day.count, rows.map((each) => [each.id, each.status, each.voided])]);
    if (shown === seen.get('shown')) return;
    seen.set('shown', shown);
    const [, { historyRow }] = await needed;
    showing.draw(heading(title), sums(day), listed(state, day, rows, historyRow), link(t('รับคูปอง', 'Take a coupon'), '#', { drawing: 'shop' }));
  };
  await look();
  const [{ hear }] = await needed;
  hear(showing, { city, key, ask: look, told: { taken: () => look().catch(() => {}) } });
}

function sums(day) {
  return el('section', { class: 'card' }, el('p', { class: 'small' }, date(day.since)),
    el('p', { class: 'figure' }, `${baht(day.amount)} ฿`),
    el('p', {}, t(`${day.count} รายการ เมืองจะจ่ายให้ร้าน`, `${day.count} taken; the city will pay the shop`)),
    el('p', { class: 'due' }, icon('wait'), el('span', {}, day.due_on ? t(`เข้ารอบจ่าย${dayWords(day.due_on)}`, `Due for payment on ${dayWords(day.due_on)}`)
      : t('วันจ่ายจะแจ้งเมื่อมีปฏิทินวันหยุด', 'The day of payment is told once the calendar of holidays is known'))));
}

function listed(state, day, rows, historyRow) {
  if (rows.length) return el('ul', { class: 'rows' }, rows.map((each) => historyRow(each, t(`บิล ${baht(each.bill)} ฿`, `Bill ${baht(each.bill)} ฿`))));
  return notice('busy', 'list', day.count ? t('เจ้าของร้านเห็นรายการทั้งหมดได้', 'The owner sees each of them.') : t('วันนี้ยังไม่มีรายการ', 'Nothing was taken today yet.'));
}
