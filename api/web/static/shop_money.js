// What the shop is paid and when, and its statements to keep.

import { Refused } from './city.js';
import { button, download, el, facts, notice } from './dom.js';
import { heading, refusedNotice } from './screens.js';
import { back, ownersOnly, shopPath } from './shop_owner.js';
import { baht, date, t } from './words.js';

/** Where an amount is on its way to the shop; from the nearest to the bank to the furthest. */
function places() {
  return [
    ['paid', t('โอนเข้าบัญชีแล้ว', 'Paid into the bank')],
    ['ordered', t('ส่งธนาคารแล้ว รอผล', 'With the bank')],
    ['settled', t('ปิดรอบแล้ว รอส่งธนาคาร', 'Settled, on its way to the bank')],
    ['approved', t('อนุมัติแล้ว รอจ่าย', 'Approved, to be paid')],
    ['made', t('อยู่ในรอบจ่าย รออนุมัติ', 'In a round, to be approved')],
    ['waiting', t('รอจ่ายวันทำการถัดไป', 'Due next business day')],
    ['carried', t('ยกไปรอบหน้า', 'Carried to a later round')],
  ];
}

const signed = (satang) => (String(satang).startsWith('-') ? `−${baht(String(satang).slice(1))}` : baht(satang));
const dayWords = (iso) => date(Date.parse(`${iso}T12:00:00+07:00`) / 1000);

export const moneyScreen = ownersOnly(async (showing, state) => {
  const title = t('เงินที่จะได้รับ', 'Payments');
  showing.draw(heading(title), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const [statement, today] = await Promise.all([
    state.city.signed(state.key, shopPath(state, 'statement?form=json')), state.city.signed(state.key, '/v1/till/today')]);
  const sums = places().map(([place, words]) => [words, statement.sums[place] ?? '0', place]).filter(([, sum, place]) => sum !== '0' || place === 'paid' || place === 'waiting');
  const due = places().slice(1).reduce((total, [place]) => total + BigInt(statement.sums[place] ?? 0), 0n);
  showing.draw(heading(title),
    el('section', { class: 'card' }, el('p', { class: 'small' }, t('เมืองยังต้องจ่ายให้ร้าน', 'The city still owes the shop')),
      el('p', { class: 'figure' }, `${signed(due)} ฿`),
      facts([...sums.map(([words, sum]) => [words, `${signed(sum)} ฿`]),
        [t('รับวันนี้ทั้งหมด', 'All taken today'), `${baht(today.amount)} ฿`]], 'tight')),
    !statement.agrees && notice('busy', 'wait', t('บางรายการยังไม่ถึงบัญชีกลาง ยอดจะตรงกันเมื่อลงบัญชีครบ', 'Some of it has not reached the ledger yet; the sums agree once it has.')),
    days(statement.rows), statements(state), back());
});

function days(rows) {
  if (!rows.length) return notice('busy', 'list', t('ยังไม่มีรายการที่ลงบัญชีเสร็จ', 'Nothing has become final yet.'), t('รายการที่รับแล้วจะเข้ารอบจ่ายเมื่อเสร็จสมบูรณ์ ปกติภายในไม่กี่นาที', 'What was taken enters a round once it is final, usually within minutes.'));
  const words = Object.fromEntries(places());
  const byDay = new Map();
  for (const each of rows) {
    const name = `${each.day} ${each.place}`;
    const line = byDay.get(name) ?? { ...each, sum: 0n, count: 0 };
    byDay.set(name, { ...line, sum: line.sum + BigInt(each.amount), count: line.count + 1 });
  }
  const lines = [...byDay.values()].sort((a, b) => b.day.localeCompare(a.day)).slice(0, 60);
  return el('section', { class: 'part' }, el('h2', {}, t('ตามวันที่รับ', 'By the day it was taken')), el('ul', { class: 'rows' }, lines.map((each) =>
    el('li', { class: 'row' }, el('span', { class: 'grow' }, el('b', {}, dayWords(each.day)),
      el('span', { class: 'small' }, t(`${each.count} รายการ · ${words[each.place] ?? each.place}`, `${each.count} taken · ${words[each.place] ?? each.place}`),
        each.paid_on && t(` เมื่อ ${dayWords(each.paid_on)}`, ` on ${dayWords(each.paid_on)}`),
        each.round && t(` · รอบที่ ${each.round}`, ` · round ${each.round}`))),
    el('b', { class: 'number' }, `${signed(each.sum)} ฿`)))));
}

const FORMS = [['pdf', 'PDF'], ['xlsx', 'Excel'], ['csv', 'CSV']];

function statements(state) {
  const told = el('div', { 'aria-live': 'polite' });
  const save = (form) => async () => {
    told.replaceChildren(notice('busy', 'wait', t('กำลังเตรียมไฟล์…', 'Preparing the file…')));
    try {
      const file = await state.city.file(state.key, shopPath(state, `statement?form=${form}`));
      download(`nakhon-statement-${state.till.merchant}.${form}`, file);
      told.replaceChildren(notice('good', 'tick', t('บันทึกไฟล์แล้ว', 'Saved.')));
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      told.replaceChildren(refusedNotice(refused));
    }
  };
  return el('section', { class: 'actions' }, el('h2', {}, t('ใบแจ้งยอดทั้งหมด', 'The whole statement')),
    el('div', { class: 'side-by-side' }, FORMS.map(([form, words]) => button(words, save(form), { kind: 'second', 'data-form': form }))), told);
}
