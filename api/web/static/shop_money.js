// What the shop is paid and when, and its statements to keep.

import { Refused } from './city.js';
import { button, download, el, facts, icon, notice } from './dom.js';
import { heading, refusedNotice } from './screens.js';
import { back, ownersOnly, shopPath } from './shop_owner.js';
import { baht, dayWords, t } from './words.js';

/** Where an amount is on its way to the shop; from the nearest to the bank to the furthest. */
function places() {
  return [
    ['paid', t('โอนเข้าบัญชีแล้ว', 'Paid into the bank')],
    ['ordered', t('ส่งธนาคารแล้ว รอผล', 'With the bank')],
    ['settled', t('ปิดรอบแล้ว รอส่งธนาคาร', 'Settled, on its way to the bank')],
    ['approved', t('อนุมัติแล้ว รอจ่าย', 'Approved, to be paid')],
    ['made', t('อยู่ในรอบจ่าย รออนุมัติ', 'In a round, to be approved')],
    ['waiting', t('รอเข้ารอบจ่าย', 'Waiting for a round')],
    ['carried', t('ยกไปรอบหน้า', 'Carried to a later round')],
  ];
}

const signed = (satang) => (String(satang).startsWith('-') ? `−${baht(String(satang).slice(1))}` : baht(satang));

/** Why something was carried, and what the shop can do about it. */
function carriedWords(reason) {
  return {
    suspended: t('ร้านถูกระงับ ติดต่อเทศบาล', 'the shop is suspended: ask the city'),
    in_debt: t('ยอดคืนมากกว่ายอดรับ รอยอดรับใหม่มาหัก', 'more was undone than taken: new takings make up for it'),
    voided_after: t('คืนสิทธิ์หมดพอดี ไม่มีอะไรต้องจ่าย', 'all of it was undone: nothing is to be paid'),
    bank_details_missing: t('เมืองยังไม่มีเลขบัญชีของร้าน แจ้งเทศบาล', 'the city has no bank account of the shop: tell the city'),
    below_minimum: t('ยังไม่ถึงยอดขั้นต่ำของรอบ จะจ่ายเมื่อครบ', 'below the least a round pays: it is paid once it adds up'),
  }[reason];
}

/** What waits, by the day from which it may be paid, the soonest first: [words, sum]. */
function waitingByDay({ rows, day }) {
  const sums = new Map();
  for (const row of rows.filter((each) => each.place === 'waiting')) {
    const due = row.due_on <= day ? '' : row.due_on;
    sums.set(due, (sums.get(due) ?? 0n) + BigInt(row.amount));
  }
  return [...sums].sort(([one], [other]) => one.localeCompare(other)).map(([due, sum]) => [
    due ? t(`เข้ารอบจ่าย${dayWords(due)}`, `Due on ${dayWords(due)}`) : t('ถึงกำหนดแล้ว รอเมืองทำรอบจ่าย', 'Due: in the city’s next round'), sum]);
}

export const moneyScreen = ownersOnly(async (showing, state) => {
  const title = t('เงินที่จะได้รับ', 'Payments');
  showing.draw(heading(title), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const [statement, today] = await Promise.all([
    state.city.signed(state.key, shopPath(state, 'statement?form=json')), state.city.signed(state.key, '/v1/till/today')]);
  const sums = places().filter(([place]) => place !== 'waiting').map(([place, words]) => [words, statement.sums[place] ?? '0', place])
    .filter(([, sum, place]) => sum !== '0' || place === 'paid');
  const due = places().slice(1).reduce((total, [place]) => total + BigInt(statement.sums[place] ?? 0), 0n);
  showing.draw(heading(title),
    el('section', { class: 'card' }, el('p', { class: 'small' }, t('ลงบัญชีแล้ว เมืองยังต้องจ่าย', 'On the ledger, still owed by the city')),
      el('p', { class: 'figure' }, `${signed(due)} ฿`),
      facts([...waitingByDay(statement), ...sums].map(([words, sum]) => [words, `${signed(sum)} ฿`]), 'tight')),
    el('section', { class: 'card' }, el('p', { class: 'small' }, t('รับวันนี้ทั้งหมด', 'All taken today')), el('p', { class: 'figure' }, `${baht(today.amount)} ฿`),
      today.due_on && el('p', { class: 'due' }, icon('wait'), el('span', {}, t(`เข้ารอบจ่าย${dayWords(today.due_on)}`, `Due for payment on ${dayWords(today.due_on)}`)))),
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
        each.place === 'waiting' && each.due_on && t(` · ตั้งแต่${dayWords(each.due_on)}`, ` · from ${dayWords(each.due_on)}`),
        each.reason && ` · ${carriedWords(each.reason)}`,
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
