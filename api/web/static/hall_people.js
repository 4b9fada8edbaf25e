// The registers: residents and shops from tables, every fault of every line named before anything is ordered.

import { table } from './charts.js';
import { button, download, el, link, notice } from './dom.js';
import { perform } from './hall_campaigns.js';
import { may, post } from './hall_session.js';
import { CATEGORIES, CLASSES } from './hall_words.js';
import { pickFile } from './pick_file.js';
import { again, heading, refusedNotice } from './screens.js';
import { t } from './words.js';

const BAD_SHOWN = 100;

export async function peopleScreen(showing) {
  showing.draw(heading(t('ทะเบียน', 'Registers')),
    may('registrar') ? null : notice('busy', 'key', t('นายทะเบียนเท่านั้นที่นำเข้าได้', 'Only the registrar can import.')),
    el('div', { class: 'beside even' },
      tablePart(showing, {
        id: 'residents', title: t('ผู้ถือบัตร', 'Holders of passes'), choose: t('เลือกตารางผู้ถือบัตร', 'Choose a table of holders'), heads: 'address,class,district,valid_from,valid_until,medium', words: ['class', CLASSES], preview: '/v1/passes/preview', path: '/v1/passes',
        says: t('ตาราง CSV มีคอลัมน์ address, class, district และใส่ valid_from, valid_until, medium ได้', 'A CSV table with the columns address, class, district, and maybe valid_from, valid_until, medium.'),
        ready: (count) => t(`พร้อมลงทะเบียน ${count} คน`, `${count} can be enrolled`), go: t('ลงทะเบียนทั้งหมด', 'Enrol them all'),
        done: t('ลงทะเบียนแล้ว', 'Enrolled.'),
      }),
      tablePart(showing, {
        id: 'shops', title: t('ร้านค้า', 'Shops'), choose: t('เลือกตารางร้านค้า', 'Choose a table of shops'), heads: 'payout,kind,category,district,name_th,name_en,latitude,longitude', words: ['category', CATEGORIES], preview: '/v1/merchants/preview', path: '/v1/merchants/table',
        says: t('ตาราง CSV มีคอลัมน์ payout, kind, category, district, name_th, name_en และใส่ latitude, longitude ได้', 'A CSV table with the columns payout, kind, category, district, name_th, name_en, and maybe latitude, longitude.'),
        ready: (count) => t(`พร้อมขึ้นทะเบียน ${count} ร้าน`, `${count} can be registered`), go: t('ขึ้นทะเบียนทั้งหมด', 'Register them all'),
        done: t('ขึ้นทะเบียนร้านแล้ว', 'Registered.'),
      })),
    may('registrar') && el('section', { class: 'panel' }, el('h2', {}, t('คูปองกระดาษ', 'Paper coupons')),
      el('p', {}, t('สำหรับคนที่ไม่มีโทรศัพท์: สร้างบัตรในเครื่องนี้ ลงทะเบียน แล้วพิมพ์', 'For those without a phone: made in this browser, enrolled, and printed.')),
      link(t('สร้างและพิมพ์คูปองกระดาษ', 'Make and print papers'), '#papers', { kind: 'second narrow', drawing: 'card' })));
}

function tablePart(showing, { id, title, choose, heads, words, says, preview, path, ready, go, done }) {
  const told = el('div', { class: 'cards', 'aria-live': 'polite' });
  const read = async (chosen) => {
    told.replaceChildren(notice('busy', 'wait', t('กำลังตรวจทุกบรรทัด…', 'Reading every line…')));
    try {
      const text = await chosen.arrayBuffer();
      const found = await post(preview, text, { type: 'text/csv' });
      told.replaceChildren(...(found.bad.length ? badLines(found.bad) : [
        notice('good', 'tick', ready(found.ready), t('ทุกบรรทัดถูกต้อง ยังไม่มีอะไรเกิดขึ้น', 'Every line is good. Nothing has happened yet.')), orderPart(text)]));
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
  };
  const orderPart = (text) => {
    const place = el('div', { class: 'actions' });
    const answer = el('div', { 'aria-live': 'polite' });
    place.append(button(go, () => perform(showing, path, text, answer, place, { type: 'text/csv', then: () => {
      told.replaceChildren(notice('good', 'tick', done));
      file.forget();
    } }), { drawing: 'tick' }), answer);
    return place;
  };
  const file = pickFile(choose, { id, accept: '.csv,text/csv', disabled: !may('registrar') }, read);
  return el('section', { class: 'panel' }, el('h2', {}, title), el('p', { class: 'small' }, says), known(id, heads, words), file.field, told);
}

/** What may stand in a table: the words of one column, and an empty table to begin with. */
function known(id, heads, [column, words]) {
  return el('details', {}, el('summary', {}, t(`คำที่ใช้ในคอลัมน์ ${column} และตารางเปล่า`, `The words of the column ${column}, and an empty table`)),
    el('ul', {}, Object.entries(words).map(([name, told]) => el('li', {}, el('code', {}, name), ' ', told))),
    button(t('ตารางเปล่า (CSV)', 'An empty table (CSV)'), () => download(`${id}.csv`, new Blob([`\ufeff${heads}\n`], { type: 'text/csv' })), { kind: 'second narrow' }));
}

/** Every fault of every line; a line with several stands there as often. */
function badLines(bad) {
  const lines = new Set(bad.map((each) => each.line)).size;
  const faults = bad.length === lines ? ['', ''] : [` (${bad.length} จุด)`, ` (${bad.length} faults)`];
  return [notice('bad', 'cross', t(`ต้องแก้ ${lines} บรรทัด${faults[0]} ก่อน ยังไม่มีอะไรถูกนำเข้า`, `${lines === 1 ? `1 line${faults[1]} is` : `${lines} lines${faults[1]} are`} to be put right first. Nothing was imported.`)),
    table(t('สิ่งที่ต้องแก้', 'To be put right'), [{ words: t('บรรทัด', 'Line'), number: true }, { words: t('เหตุผล', 'Why') }, { words: t('ค่า', 'Value') }],
      bad.slice(0, BAD_SHOWN).map((each) => [String(each.line), t(each.why_th ?? each.why, each.why), el('code', {}, each.value)])),
    bad.length > BAD_SHOWN && el('p', { class: 'small' }, t(`และอีก ${bad.length - BAD_SHOWN} จุด`, `and ${bad.length - BAD_SHOWN} more`)),
    button(t('ลองไฟล์อื่น', 'Try another file'), again, { kind: 'second narrow' })].filter(Boolean);
}
