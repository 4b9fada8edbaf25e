// The fields of a draft, and the policy document they make. Amounts become satang only here.

import { el } from './dom.js';
import { CATEGORIES, CLASSES, DAYS } from './hall_words.js';
import { pickFile } from './pick_file.js';
import { refusedNotice } from './screens.js';
import { moment, satangOf, t } from './words.js';

const DAY_SECONDS = 86_400;
const DRAFT_DAYS = 60;

/** A draft to begin with: tomorrow at six for two months, half of a meal. */
export function emptyDraft(now) {
  const day = (ahead) => new Date((now + ahead * DAY_SECONDS + 7 * 3600) * 1000).toISOString().slice(0, 10);
  return {
    th: '', en: '', starts: `${day(1)}T06:00`, ends: `${day(1 + DRAFT_DAYS)}T23:00`, first: '',
    days: Object.keys(DAYS), from: '06:00', until: '23:00',
    share: '50', allowance: '2000', perUse: '', perDay: '200', billMin: '',
    audience: ['resident'], anyShop: false, categories: ['restaurant'], districts: '', sameDistrict: false,
    everyone: true, list: null, shopDay: '', household: '', householdDay: '', metres: '', noticeTh: '', noticeEn: '', pin: '',
    budget: '', people: '',
  };
}

/** Satang as the policy writes them; what is no amount goes as typed, so that the city names the fault. */
const satang = (text) => String(satangOf(text) ?? text.trim());
const time = (text) => (text ? `${text.length === 16 ? `${text}:00` : text}+07:00` : '');
const filled = (pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== null));
const optional = (name, text) => [name, text.trim() ? satang(text) : null];

/** The policy that a draft says. */
export function documentOf(draft) {
  const spans = [draft.from, draft.until];
  const every = draft.days.length === Object.keys(DAYS).length;
  const share = Number(draft.share);
  const till = tillOf(draft);
  return {
    version: 1,
    name: { th: draft.th, en: draft.en },
    window: { starts: time(draft.starts), ends: time(draft.ends) },
    ...filled([['first_use_by', draft.first ? time(draft.first) : null]]),
    hours: every ? { every_day: spans } : Object.fromEntries(draft.days.map((day) => [day, spans])),
    share_basis_points: draft.share.trim() && Number.isFinite(share) ? Math.round(share * 100) : draft.share,
    allowance: satang(draft.allowance),
    ...filled([optional('per_use_max', draft.perUse), optional('per_day_max', draft.perDay), optional('bill_min', draft.billMin)]),
    audience: draft.audience,
    categories: draft.anyShop ? 'any' : draft.categories,
    districts: draft.districts.trim() ? draft.districts.split(/[\s,]+/).filter(Boolean).map((each) => (/^\d+$/.test(each) ? Number(each) : each)) : 'any',
    same_district: draft.sameDistrict,
    issue: draft.everyone ? 'everyone' : { list: draft.list ? { count: draft.list.count, hash: draft.list.hash } : {} },
    ...(Object.keys(till).length ? { till } : {}),
  };
}

function tillOf(draft) {
  const household = filled([optional('allowance', draft.household), optional('per_day_max', draft.householdDay)]);
  const metres = draft.metres.trim();
  return {
    ...filled([optional('merchant_per_day_max', draft.shopDay), optional('paper_pin_above', draft.pin)]),
    ...(Object.keys(household).length ? { household } : {}),
    ...(draft.noticeTh.trim() || draft.noticeEn.trim() ? { goods_notice: { th: draft.noticeTh, en: draft.noticeEn } } : {}),
    ...(metres ? {
      distance: { metres_max: /^\d+$/.test(metres) ? Number(metres) : metres, position_age_seconds_max: 120, accuracy_metres_max: 100, stand_uses_per_day_max: 20 },
    } : {}),
  };
}

const HOURS = Array.from({ length: 25 }, (_, hour) => `${String(hour).padStart(2, '0')}:00`);

/** All groups of fields. What is typed goes into `draft` at once. */
export function groups(draft, keepList) {
  const f = fieldsOf(draft);
  const list = pickFile(t('เลือกรายชื่อบัตร (CSV)', 'Choose the list of passes (CSV)'), { id: 'p-list', accept: '.csv,text/csv' }, takeList);
  const listed = el('p', { class: 'hint', role: 'status' }, draft.list ? t(`มีรายชื่อแล้ว ${draft.list.count} ใบ`, `${draft.list.count} passes are on the list`) : t('ตารางที่มีคอลัมน์ pass', 'A table with a column “pass”'));
  async function takeList(chosen) {
    try {
      const count = await keepList(chosen);
      listed.textContent = t(`รับรายชื่อแล้ว ${count} ใบ`, `${count} passes are on the list`);
    } catch (refused) {
      listed.replaceChildren(refusedNotice(refused));
    }
  }
  const listPart = el('div', { class: 'field', 'data-pointer': '/issue', hidden: draft.everyone }, list.field, listed, el('p', { class: 'fault' }));
  const everyone = f.radio('everyone', t('ให้สิทธิ์แก่', 'Issue to'), [[true, t('ทุกคนในกลุ่มเป้าหมาย', 'everyone in the audience')], [false, t('ตามรายชื่อ', 'a list')]], (value) => { listPart.hidden = value; });
  return [
    f.group(t('ชื่อและเวลา', 'Name and time'),
      f.pair(f.text('th', '/name/th', t('ชื่อภาษาไทย', 'Name in Thai')), f.text('en', '/name/en', t('ชื่อภาษาอังกฤษ', 'Name in English'))),
      f.pair(f.text('starts', '/window/starts', t('เริ่มใช้', 'From'), { type: 'datetime-local' }), f.text('ends', '/window/ends', t('ถึง', 'Until'), { type: 'datetime-local' }),
        f.text('first', '/first_use_by', t('ต้องใช้ครั้งแรกภายใน (ถ้ามี)', 'First use by (if any)'), { type: 'datetime-local' })),
      el('div', { class: 'field', 'data-pointer': '/hours' }, f.ticks('days', t('วันที่ใช้ได้', 'Days'), DAYS),
        f.pair(f.choice('from', t('ตั้งแต่เวลา', 'From'), HOURS.slice(0, 24)), f.choice('until', t('ถึงเวลา', 'Until'), HOURS.slice(1))), el('p', { class: 'fault' }))),
    f.group(t('เงินต่อคน', 'Money for each person'),
      f.pair(f.text('share', '/share_basis_points', t('เมืองจ่าย (% ของบิล)', 'The city pays (% of a bill)'), { inputmode: 'decimal' }), f.money('allowance', '/allowance', t('สิทธิ์ทั้งหมด (บาท)', 'In all (baht)'))),
      f.pair(f.money('perDay', '/per_day_max', t('ต่อวันไม่เกิน (บาท)', 'At most a day (baht)')), f.money('perUse', '/per_use_max', t('ต่อครั้งไม่เกิน (บาท)', 'At most a use (baht)')), f.money('billMin', '/bill_min', t('บิลขั้นต่ำ (บาท)', 'Smallest bill (baht)')))),
    f.group(t('ใครใช้ ที่ไหน', 'Who and where'),
      el('div', { class: 'field', 'data-pointer': '/audience' }, f.ticks('audience', t('กลุ่มเป้าหมาย', 'Audience'), CLASSES), el('p', { class: 'fault' })),
      everyone, listPart,
      el('div', { class: 'field', 'data-pointer': '/categories' }, f.ticks('categories', t('ประเภทร้าน', 'Kinds of shops'), CATEGORIES), el('p', { class: 'fault' })),
      f.tick('anyShop', t('ร้านทุกประเภท', 'Shops of any kind')),
      f.text('districts', '/districts', t('เฉพาะเขตหมายเลข เช่น 1, 7 (เว้นว่าง = ทุกเขต)', 'Only districts, like 1, 7 (empty: any)')),
      f.tick('sameDistrict', t('เฉพาะร้านในเขตของผู้ถือบัตร', 'Only shops in the holder’s own district'))),
    el('details', { class: 'group' }, el('summary', {}, t('เงื่อนไขหน้าร้านเพิ่มเติม', 'More rules of the till')), el('div', { class: 'cards' },
      f.pair(f.money('shopDay', '/till/merchant_per_day_max', t('ร้านหนึ่งรับไม่เกินต่อวัน (บาท)', 'A shop takes at most a day (baht)')),
        f.money('household', '/till/household/allowance', t('ครัวเรือนรวมไม่เกิน (บาท)', 'A household in all (baht)')),
        f.money('householdDay', '/till/household/per_day_max', t('ครัวเรือนต่อวันไม่เกิน (บาท)', 'A household a day (baht)'))),
      f.pair(f.text('metres', '/till/distance', t('อยู่ห่างร้านไม่เกิน (เมตร)', 'At most so far from the shop (metres)'), { inputmode: 'numeric' }), f.money('pin', '/till/paper_pin_above', t('คูปองกระดาษต้องใส่รหัสเมื่อเกิน (บาท)', 'Paper needs its PIN above (baht)'))),
      f.pair(f.text('noticeTh', '/till/goods_notice/th', t('ประกาศสินค้าต้องห้าม (ไทย)', 'Notice of goods (Thai)')), f.text('noticeEn', '/till/goods_notice/en', t('ประกาศสินค้าต้องห้าม (อังกฤษ)', 'Notice of goods (English)'))))),
    f.group(t('ตรวจงบ', 'Check the budget'),
      f.pair(f.money('budget', '/budget', t('งบที่คิดไว้ (บาท)', 'Planned budget (baht)')), f.text('people', '/people', t('จำนวนคน', 'How many people'), { inputmode: 'numeric' }))),
  ];
}

/** The parts a form is made of, all writing into one draft. */
function fieldsOf(draft) {
  const text = (name, pointer, words, { type = 'text', inputmode = null } = {}) => {
    const id = `p-${name}`;
    // A browser shows a moment in its own order and era: the page says it again in ours.
    const said = type === 'datetime-local' && el('p', { class: 'hint', id: `${id}-said` });
    const say = () => {
      draft[name] = input.value;
      if (said) said.textContent = input.value && moment(Date.parse(time(input.value)) / 1000);
    };
    const input = el('input', { id, type, inputmode, autocomplete: 'off', maxlength: 300, 'aria-describedby': said ? `${id}-said ${id}-fault` : `${id}-fault`, on: { input: say } });
    input.value = draft[name];
    say();
    return el('div', { class: 'field', 'data-pointer': pointer }, el('label', { for: id }, words), input, said, el('p', { class: 'fault', id: `${id}-fault` }));
  };
  const tickOf = (name, words, checked, change) => {
    const input = el('input', { type: 'checkbox', name, on: { change: () => change(input.checked) } });
    input.checked = checked;
    return el('label', {}, input, words);
  };
  return {
    text,
    money: (name, pointer, words) => text(name, pointer, words, { inputmode: 'decimal' }),
    group: (words, ...parts) => el('fieldset', { class: 'group' }, el('legend', {}, words), parts),
    pair: (...parts) => el('div', { class: 'pair' }, parts),
    tick: (name, words) => el('div', { class: 'ticks' }, tickOf(name, words, draft[name], (checked) => { draft[name] = checked; })),
    ticks: (name, words, choices) => el('fieldset', { class: 'ticks' }, el('legend', {}, words), Object.entries(choices).map(([value, told]) => tickOf(`${name}-${value}`, told, draft[name].includes(value), (checked) => {
      const chosen = new Set(draft[name]);
      if (checked) chosen.add(value);
      else chosen.delete(value);
      draft[name] = Object.keys(choices).filter((each) => chosen.has(each));
    }))),
    choice: (name, words, values) => {
      const id = `p-${name}`;
      const select = el('select', { id, on: { change: () => { draft[name] = select.value; } } }, values.map((each) => el('option', { value: each }, each)));
      select.value = draft[name];
      return el('div', { class: 'field' }, el('label', { for: id }, words), select);
    },
    radio: (name, words, choices, changed) => el('fieldset', { class: 'ticks' }, el('legend', {}, words), choices.map(([value, told]) => {
      const input = el('input', { type: 'radio', name: `p-${name}`, on: { change: () => {
        draft[name] = value;
        changed(value);
      } } });
      input.checked = draft[name] === value;
      return el('label', {}, input, told);
    })),
  };
}
