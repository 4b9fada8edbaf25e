// Paper coupons, made and printed in this browser. The seeds are sent nowhere: the city learns the
// addresses, and only the paper can spend.

import { joined, ofText } from './bytes.js';
import { openCity } from './city.js';
import { button, el, link, notice } from './dom.js';
import { perform } from './hall_campaigns.js';
import { get } from './hall_session.js';
import { encodeText } from './qr_codec.js';
import { qrPicture } from './qr_picture.js';
import { heading, refusedNotice } from './screens.js';
import { addressOf, isPrivateKey } from './signatures.js';
import { keccak } from './typed_data.js';
import { t } from './words.js';

const COUNT_MAX = 60;
const SEED_BYTES = 16;
const ASKED_AT_ONCE = 50;

function paperAddress(seed) {
  let key = keccak(joined(ofText('nakhon paper 1'), seed));
  while (!isPrivateKey(key)) key = keccak(key);
  return addressOf(key);
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
        const papers = Array.from({ length: form.querySelector('#count').valueAsNumber }, () => {
          const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
          return { seed, address: paperAddress(seed) };
        });
        const district = form.querySelector('#district').valueAsNumber;
        const passes = papers.map(({ address }) => ({ address, class: 'paper', district, medium: 'paper' }));
        return perform(showing, '/v1/passes', { passes }, told, form, { then: () => print(papers) });
      },
    },
  }, el('div', { class: 'pair' }, field('count', t(`กี่ใบ (ไม่เกิน ${COUNT_MAX})`, `How many (at most ${COUNT_MAX})`), { min: 1, max: COUNT_MAX, value: 6 }),
    field('district', t('เขตหมายเลข', 'District'), { min: 0, max: 63, value: 1 })),
  el('button', { type: 'submit', class: 'button main' }, t('สร้างและลงทะเบียน', 'Make and enrol')));
  async function print(papers) {
    try {
      const numbers = await numbersOf(papers.map(({ address }) => address));
      if (!showing.current) return;
      told.replaceChildren(notice('good', 'tick', t(`ลงทะเบียนแล้ว ${papers.length} ใบ`, `${papers.length} papers are enrolled.`),
        t('พิมพ์ก่อนออกจากหน้านี้: รหัสลับไม่ถูกเก็บไว้ที่ใดเลย', 'Print before leaving this page: the secrets are kept nowhere.')),
      button(t('พิมพ์', 'Print'), () => window.print(), { drawing: 'card' }));
      sheets.replaceChildren(...papers.map(({ seed, address }) => card(city, seed, numbers.get(address.toLowerCase()))));
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
  }
  showing.draw(heading(t('คูปองกระดาษ', 'Paper coupons')),
    el('p', { class: 'lead no-print' }, t('ใครถือกระดาษนี้ใช้สิทธิ์ได้ เก็บและส่งมอบเหมือนเงินสด', 'Whoever holds a paper can spend it: keep and hand it over like cash.')),
    form, told, sheets, link(t('กลับไปที่ทะเบียน', 'Back to the registers'), '#people', { kind: 'second narrow no-print', drawing: 'back' }));
}

async function numbersOf(addresses) {
  const found = new Map();
  for (let start = 0; start < addresses.length; start += ASKED_AT_ONCE) {
    const query = addresses.slice(start, start + ASKED_AT_ONCE).map((each) => `holder=${each}`).join('&');
    for (const each of (await get(`/v1/passes?${query}`)).items) found.set(each.holder.toLowerCase(), each.pass);
  }
  return found;
}

function card(city, seed, number) {
  const text = encodeText({ kind: 'paper', pinNeeded: false, seed }, city.deployment.origin, city.tag);
  return el('article', { class: 'paper-card' }, el('b', {}, document.body.dataset.city), qrPicture(text, t(`คิวอาร์ของบัตร ${number}`, `The code of pass ${number}`)),
    el('b', {}, t(`บัตรหมายเลข ${number}`, `Pass ${number}`)),
    el('span', { class: 'small' }, t('เก็บเหมือนเงินสด ใครถือก็ใช้ได้ ให้ร้านสแกน หรือย้ายเข้าโทรศัพท์', 'Keep it like cash. Let a shop scan it, or move it to a phone.')));
}
