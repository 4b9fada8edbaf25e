// Who did what: the log of the staff's acts, newest first, each bound to the one before it.

import { table } from './charts.js';
import { button, el, notice } from './dom.js';
import { get, may } from './hall_session.js';
import { heading, refusedNotice } from './screens.js';
import { LANG, moment, t } from './words.js';

const PAGE = 50;

export async function actsScreen(showing) {
  const title = heading(t('ใครทำอะไร', 'Who did what'));
  if (!may('admin', 'auditor')) {
    showing.draw(title, notice('busy', 'key', t('ผู้ตรวจสอบและผู้ดูแลระบบเท่านั้นที่อ่านบันทึกนี้ได้', 'Only auditors and the admin read this log.'),
      t('ทุกอย่างที่ท่านทำหรือเปิดดูถูกบันทึกไว้ในนั้นด้วยชื่อของท่าน', 'What you do and look at stands in it under your name.')));
    return;
  }
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const place = el('div', { class: 'panel' });
  const acts = [];
  let next = null;
  const more = button(t('ดูเก่ากว่านี้', 'Older ones'), () => read(), { kind: 'second narrow' });
  async function read() {
    more.disabled = true;
    try {
      const page = await get(`/v1/staff-acts?limit=${PAGE}${next ? `&cursor=${encodeURIComponent(next)}` : ''}`);
      acts.push(...page.items);
      next = page.next;
      more.hidden = next === null;
      place.replaceChildren(acts.length ? shown(acts) : el('p', {}, t('ยังไม่มีการกระทำใด', 'Nobody has done anything yet.')));
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
    more.disabled = false;
  }
  await read();
  showing.draw(title, el('p', { class: 'lead' }, t('แต่ละบรรทัดผูกกับบรรทัดก่อนหน้า และหัวของวันเขียนลงเชนทุกวัน แก้ย้อนหลังแล้วจะรู้',
    'Each line is bound to the one before it, and each day’s head is written to the chain: a change shows.')), told, place, more);
}

function shown(acts) {
  return table(t('การกระทำล่าสุด', 'The latest acts'), [
    { words: t('ที่', 'No.'), number: true }, { words: t('ใคร เมื่อ', 'Who, when') }, { words: t('ทำอะไร กับอะไร', 'What, on what') }],
  acts.map((each) => [String(each.number), [el('b', {}, each[`by_${LANG}`]), el('br'), el('span', { class: 'small' }, moment(each.at))], said(each)]));
}

/** What was done, to what, and what was asked for, in the words of the log's own answer. */
function said(act) {
  const [on, sought] = [act[`on_${LANG}`], act[`sought_${LANG}`]];
  return [act[LANG], on && [el('br'), el('b', {}, on)], sought && [el('br'), el('span', { class: 'small' }, t('ระบุ: ', 'Asked for: '), sought)]].flat().filter(Boolean);
}
