// A draft tried on the past: what it would cost, whom it would refuse, which shops gain.

import { columns, lines, table, tile } from './charts.js';
import { el, notice } from './dom.js';
import { LANG, baht, date, t } from './words.js';

const SHOPS_SHOWN = 12;
const signed = (satang) => (Number(satang) > 0 ? '+' : '') + (Number(satang) < 0 ? `−${baht(-Number(satang))}` : baht(satang));

export function replayReport(report) {
  const { real, offered } = report.totals;
  const refusals = report.refusals.filter((each) => each.refused + each.given_less > 0);
  const shops = [...report.shops].sort((one, other) => Math.abs(other.change) - Math.abs(one.change)).slice(0, SHOPS_SHOWN);
  return [
    el('h2', { id: 'replay' }, t('ถ้าใช้ร่างนี้กับรายการที่ผ่านมา', 'This draft, tried on the past')),
    el('p', { class: 'small' }, t(`${report.past.redemptions} รายการจริง ตั้งแต่ ${date(report.past.first_signed_at)} ถึง ${date(report.past.last_signed_at)}`,
      `${report.past.redemptions} real redemptions, ${date(report.past.first_signed_at)} to ${date(report.past.last_signed_at)}`)),
    report.budget?.exhausted_at ? notice('bad', 'cross', t(`งบหมดวันที่ ${report.budget.exhausted_day.th}`, `The budget is used up on ${report.budget.exhausted_day.en}.`)) : null,
    el('div', { class: 'tiles' },
      tile(t('เมืองจ่ายจริงในอดีต', 'The city really paid'), `${baht(real.cost)} ฿`),
      tile(t('เมืองจะจ่ายตามร่าง', 'The draft would pay'), `${baht(offered.cost)} ฿`, 'city'),
      tile(t('รายการที่จะถูกปฏิเสธ', 'Would be refused'), `${offered.refused} / ${report.past.judged}`),
      tile(t('คนที่จะไม่ได้เลย', 'People left without'), String(offered.passes_left_without))),
    el('div', { class: 'beside even' },
      el('section', { class: 'panel' }, el('h2', {}, t('เมืองจ่ายต่อวัน', 'The city pays, by day')), report.days.length
        ? columns(report.days.map((each) => ({ label: each.day[LANG].split(' ')[0], amount: Number(each.offered), words: `${each.day[LANG]}: ${baht(each.offered)} ฿` })),
          { title: t('เมืองจะจ่ายต่อวันตามร่าง', 'What the draft would pay, by day'), every: Math.ceil(report.days.length / 10) })
        : null, report.days.length ? el('details', {}, el('summary', {}, t('ดูเป็นตาราง', 'As a table')), table(t('เมืองจ่ายต่อวัน', 'The city pays, by day'), [{ words: t('วัน', 'Day') }, { words: t('ตามร่าง (฿)', 'Draft (฿)'), number: true }],
        report.days.map((each) => [each.day[LANG], baht(each.offered)])))
        : el('p', {}, t('ไม่มีรายการในช่วงเวลาของร่าง', 'Nothing falls into the draft’s window.'))),
      el('section', { class: 'panel' }, el('h2', {}, t('ปฏิเสธเพราะอะไร', 'Refused by which rule')), refusals.length
        ? lines(refusals.map((each) => ({ name: each[LANG], value: each.refused + each.given_less, words: t(`${each.refused} ปฏิเสธ ${each.given_less} ได้น้อยลง`, `${each.refused} refused, ${each.given_less} given less`) })), { kind: 'bad' })
        : el('p', {}, t('ไม่มีรายการใดถูกปฏิเสธ', 'Nothing would be refused.')))),
    table(t('ร้านที่ได้หรือเสียมากที่สุด', 'Shops that gain or lose most'), [
      { words: t('ร้านหมายเลข', 'Shop') }, { words: t('จริง (฿)', 'Real (฿)'), number: true }, { words: t('ตามร่าง (฿)', 'Draft (฿)'), number: true }, { words: t('ต่าง (฿)', 'Change (฿)'), number: true }],
    shops.map((each) => [String(each.shop), baht(each.real), baht(each.offered), signed(each.change)])),
    el('details', {}, el('summary', {}, t('อ่านอย่างไร', 'How to read this')), el('ul', {}, report.notes.map((each) => el('li', {}, each[LANG])))),
  ].filter(Boolean);
}
