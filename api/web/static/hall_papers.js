// Paper coupons, made and printed in this browser. The seeds are sent nowhere: the city learns the
// addresses, and only the paper can spend. Where it has a PIN, the paper alone cannot: the PINs go to a
// file of their own, never onto the sheet.

import { openCity } from './city.js';
import { button, download, el, link, notice } from './dom.js';
import { perform } from './hall_campaigns.js';
import { get } from './hall_session.js';
import { CLASSES } from './hall_words.js';
import { paperKey } from './paper.js';
import { encodeBody, encodeText } from './qr_codec.js';
import { qrPicture } from './qr_picture.js';
import { heading, refusedNotice } from './screens.js';
import { date, t } from './words.js';

const COUNT_MAX = 60;
const SEED_BYTES = 16;
const ASKED_AT_ONCE = 50;
const DAY_SECONDS = 86_400;
const BANGKOK_SECONDS = 25_200;

// A PIN has six digits and begins with none that a spreadsheet would swallow.
const PIN_MIN = 100_000;
const PINS = 900_000;

function newPaper(withPin) {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const [drawn] = crypto.getRandomValues(new Uint32Array(1));
  const pin = withPin ? String(PIN_MIN + (drawn % PINS)) : '';
  const key = paperKey(seed, pin);
  key.forget();
  return { seed, pin, address: key.address };
}

export async function papersScreen(showing) {
  const city = await openCity();
  const told = el('div', { class: 'cards', 'aria-live': 'polite' });
  const sheets = el('div', { class: 'papers' });
  const field = (id, words, rest) => el('div', { class: 'field' }, el('label', { for: id }, words), el('input', { id, type: 'number', inputmode: 'numeric', required: true, ...rest }));
  const form = el('form', {
    class: 'panel no-print',
    on: {
      submit: (event) => {
        event.preventDefault();
        const withPin = form.querySelector('#with-pin').checked;
        const papers = Array.from({ length: form.querySelector('#count').valueAsNumber }, () => newPaper(withPin));
        const district = form.querySelector('#district').valueAsNumber;
        const holders = form.querySelector('#holders').value;
        const until = endOf(form.querySelector('#until').value);
        const passes = papers.map(({ address }) => ({ address, class: holders, district, valid_until: until, medium: withPin ? 'paper_pin' : 'paper' }));
        return perform(showing, '/v1/passes', { passes }, told, form, { then: () => print(papers, until) });
      },
    },
  }, el('div', { class: 'pair' }, field('count', t(`กี่ใบ (ไม่เกิน ${COUNT_MAX})`, `How many (at most ${COUNT_MAX})`), { min: 1, max: COUNT_MAX, value: 6 }),
    field('district', t('เขตหมายเลข', 'District'), { min: 0, max: 63, value: 1 })),
  el('div', { class: 'field' }, el('label', { for: 'holders' }, t('ใครถือ (โครงการให้สิทธิ์ตามกลุ่มนี้)', 'Whose they are (campaigns go by this)')), classesSelect()),
  untilField(city),
  el('div', { class: 'choices' }, el('label', {}, el('input', { type: 'checkbox', id: 'with-pin', 'aria-describedby': 'pin-says' }), t('แต่ละใบมีรหัส PIN หกหลัก', 'Each has a PIN of six digits'))),
  el('p', { class: 'small', id: 'pin-says' }, t('คนเก็บกระดาษได้จะใช้ไม่ได้ถ้าไม่รู้รหัส ให้รหัสแก่เจ้าของแยกจากกระดาษ บางโครงการบังคับให้มีเมื่อเกินวงเงินหนึ่ง', 'Who finds the paper cannot spend it without the PIN. Hand it over apart from the paper. Some campaigns ask for one above an amount.')),
  el('button', { type: 'submit', class: 'button main' }, t('สร้างและลงทะเบียน', 'Make and enrol')));
  async function print(papers, until) {
    try {
      const numbers = await numbersOf(papers.map(({ address }) => address));
      if (!showing.current) return;
      const numbered = papers.map((each) => ({ ...each, until, number: numbers.get(each.address.toLowerCase()) }));
      const withPin = papers[0].pin !== '';
      told.replaceChildren(notice('good', 'tick', t(`ลงทะเบียนแล้ว ${papers.length} ใบ`, papers.length === 1 ? '1 paper is enrolled.' : `${papers.length} papers are enrolled.`),
        withPin ? t('พิมพ์และเก็บไฟล์รหัส PIN ก่อนออกจากหน้านี้: รหัสลับไม่ถูกเก็บไว้ที่ใดเลย', 'Print, and take the file of PINs, before leaving this page: the secrets are kept nowhere.')
          : t('พิมพ์ก่อนออกจากหน้านี้: รหัสลับไม่ถูกเก็บไว้ที่ใดเลย', 'Print before leaving this page: the secrets are kept nowhere.')),
      ...[button(t('พิมพ์', 'Print'), () => window.print(), { drawing: 'print' }),
        withPin && button(t('ไฟล์รหัส PIN (CSV)', 'The PINs (CSV)'), () => download('pins.csv', pinFile(numbered)), { kind: 'second', drawing: 'key' })].filter(Boolean));
      sheets.replaceChildren(...numbered.map((each) => card(city, each)));
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
  }
  showing.draw(heading(t('คูปองกระดาษ', 'Paper coupons')),
    el('p', { class: 'lead no-print' }, t('ใครถือกระดาษที่ไม่มีรหัส PIN ใช้สิทธิ์ได้ เก็บและส่งมอบเหมือนเงินสด', 'Whoever holds a paper without a PIN can spend it: keep and hand it over like cash.')),
    form, told, sheets, link(t('กลับไปที่ทะเบียน', 'Back to the registers'), '#people', { kind: 'second narrow no-print', drawing: 'back' }));
}

/** The holders' class: paper is one of its own, and a resident without a phone is a resident. */
function classesSelect() {
  return el('select', { id: 'holders' }, Object.entries(CLASSES).map(([name, words]) => el('option', { value: name, selected: name === 'paper' }, words)));
}

/** The first second after a day in Bangkok (2026-09-30), as a pass keeps it; 0 for no day, no end. */
const endOf = (day) => (day ? Date.parse(`${day}T00:00:00+07:00`) / 1000 + DAY_SECONDS : 0);

const throughDay = (until) => t(`ใช้ได้ถึงวันที่ ${date(until - 1)}`, `Valid through ${date(until - 1)}`);

/** Until which day the papers are good, said in พ.ศ. beside the browser's own way of showing it. */
function untilField(city) {
  const today = new Date((city.now() + BANGKOK_SECONDS) * 1000).toISOString().slice(0, 10);
  const said = el('p', { class: 'hint', id: 'until-said' });
  const say = () => {
    const until = endOf(input.value);
    said.textContent = until ? throughDay(until) : t('ไม่ใส่ก็ได้: ใช้ได้จนกว่าโครงการจะสิ้นสุด', 'May be left empty: good for as long as the campaigns are.');
  };
  const input = el('input', { id: 'until', type: 'date', min: today, max: '9999-12-31', 'aria-describedby': 'until-said', on: { input: say } });
  say();
  return el('div', { class: 'field' }, el('label', { for: 'until' }, t('ใช้ได้ถึงวันที่', 'Valid through')), input, said);
}

async function numbersOf(addresses) {
  const found = new Map();
  for (let start = 0; start < addresses.length; start += ASKED_AT_ONCE) {
    const query = addresses.slice(start, start + ASKED_AT_ONCE).map((each) => `holder=${each}`).join('&');
    for (const each of (await get(`/v1/passes?${query}`)).items) found.set(each.holder.toLowerCase(), each.pass);
  }
  return found;
}

/** The PIN of each pass, as `nakhon pass print --pins` writes them. */
function pinFile(papers) {
  const rows = papers.map(({ number, pin }) => `${number},${pin}\n`);
  return new Blob(['pass,pin\n', ...rows], { type: 'text/csv' });
}

function card(city, { seed, pin, number, until }) {
  const code = { kind: 'paper', pinNeeded: pin !== '', seed };
  const text = encodeText(code, city.deployment.origin, city.tag);
  return el('article', { class: 'paper-card' }, el('b', {}, document.body.dataset.city), qrPicture(text, t(`คิวอาร์ของบัตร ${number}`, `The code of pass ${number}`)),
    // For a phone whose camera does not see: the same code, to be typed.
    el('code', { class: 'small' }, encodeBody(code, city.tag).match(/.{1,4}/g).join('-')),
    el('b', {}, t(`บัตรหมายเลข ${number}`, `Pass ${number}`)),
    until > 0 && el('b', { class: 'until' }, throughDay(until)),
    pin && el('b', { class: 'pin-needed' }, t('ต้องใช้รหัส PIN', 'PIN needed')),
    el('span', { class: 'small' }, pin ? t('เก็บเหมือนเงินสด ให้ร้านสแกนแล้วใส่รหัส หรือย้ายเข้าโทรศัพท์', 'Keep it like cash. Let a shop scan it and type the PIN, or move it to a phone.')
      : t('เก็บเหมือนเงินสด ใครถือก็ใช้ได้ ให้ร้านสแกน หรือย้ายเข้าโทรศัพท์', 'Keep it like cash. Let a shop scan it, or move it to a phone.')));
}
