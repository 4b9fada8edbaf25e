// Check a receipt in the browser, with the small verifier: signature, leaf and path are computed here.

import { openCity } from './city.js';
import { button, download, el, facts, icon, notice } from './dom.js';
import { pickFile } from './pick_file.js';
import { read } from './public_city.js';
import { scanPlace } from './scanner.js';
import { again, heading, refusedNotice } from './screens.js';
import { hex, leafOf, readReceipt, receiptDigest, rootFrom, separatorOf, signerOf, unhex } from './verify_receipt.js';
import { baht, date, moment, shopName, t } from './words.js';

const NAME = /^rdm_[a-z2-7]{24}$/;

export async function receiptScreen(showing) {
  const city = await openCity();
  const place = el('div', { class: 'cards', 'aria-live': 'polite' });
  const take = (text) => {
    const trimmed = text.trim();
    if (NAME.test(trimmed)) {
      byName(city, trimmed, place);
      return null;
    }
    try {
      check(city, readReceipt(trimmed.startsWith('{') ? trimmed : trimmed.toUpperCase()), place, trimmed);
      return null;
    } catch {
      return t('นี่ไม่ใช่ใบรับของเมือง ใบรับอยู่ในสลิปของกระเป๋าและร้าน', 'This is no receipt of a city. Receipts stand on the slips of wallets and shops.');
    }
  };
  const file = pickFile(t('เลือกไฟล์ใบรับ', 'Choose a receipt’s file'), { id: 'receipt-file', accept: '.json,application/json' }, async (chosen) => {
    const why = take(await chosen.text());
    if (why) place.replaceChildren(notice('bad', 'cross', why));
    // The same file again is another choice.
    file.input.value = '';
  });
  showing.draw(heading(t('ตรวจใบรับ', 'Check a receipt')),
    el('p', { class: 'lead' }, t('ใบรับคือคำรับรองที่เมืองลงลายเซ็นไว้ ว่ารายการนี้จะถูกบันทึกบนเชน เครื่องของท่านคำนวณเองทุกขั้น',
      'A receipt is the city’s signed promise that a redemption reaches the chain. This browser computes every step by itself.')),
    el('div', { class: 'beside even' }, el('section', { class: 'panel' }, scanPlace(showing, take, { typed: t('วางข้อความใบรับ หรือเลขอ้างอิง rdm_…', 'Paste a receipt’s text, or its reference rdm_…'), waits: true }),
      file.field), place));
}

/** A receipt by its reference, with its path where its day is anchored. */
async function byName(city, name, place) {
  place.replaceChildren(notice('busy', 'wait', t('กำลังขอใบรับจากเมือง…', 'Asking the city for the receipt…')));
  try {
    let early = false;
    const found = await read(`/v1/receipts/${name}/path`).catch((refused) => {
      if (refused.status !== 409) throw refused;
      early = true;
      return read(`/v1/receipts/${name}`);
    });
    const text = JSON.stringify(found, null, 1);
    await check(city, readReceipt(text), place, text, early);
  } catch (refused) {
    place.replaceChildren(refusedNotice(refused));
  }
}

const line = (good, words) => el('li', { class: `proof ${good === null ? '' : good ? 'good' : 'bad'}` }, icon(good === null ? 'wait' : good ? 'tick' : 'cross'), words);

/** The field in which the JSON around a code says another thing than the code; undefined where none does. */
function changedField({ told, receipt }) {
  const signed = { ...receipt, policy: hex(receipt.policy), signature: hex(receipt.signature) };
  return Object.keys(signed).find((name) => told[name] !== undefined && String(told[name]).toLowerCase() !== String(signed[name]));
}

/** `early`: the city was asked for the path, and there is none yet. */
async function check(city, found, place, text, early = false) {
  const { receipt, path } = found;
  const separator = separatorOf(city.deployment.chain_id, city.deployment.contracts.CouponBook);
  const signer = signerOf(receiptDigest(separator, receipt), receipt.signature);
  const changed = changedField(found);
  const signed = signer !== null && signer === city.deployment.sequencer.toLowerCase() && changed === undefined;
  const shop = await read(`/v1/merchants/${receipt.merchant}`).catch(() => null);
  const anchored = path ? await anchorLine(receipt, path) : line(null, early ? t('รากของวันนั้นยังไม่ถูกเขียนลงเชน เมืองเขียนหลังสิ้นวัน ลองอีกครั้งพรุ่งนี้', 'That day’s root is not on the chain yet: it is written after the day has ended. Look again tomorrow.')
    : t('ไม่มีเส้นทางไปยังรากของวัน: ใส่เลขอ้างอิงเพื่อขอ', 'No path to the day’s root: enter the reference to ask for it.'));
  const good = signed && !anchored.classList.contains('bad');
  place.replaceChildren(el('section', { class: `slip ${good ? '' : 'bad'}` },
    el('div', { class: 'slip-head' }, el('span', { class: 'mark' }, icon(good ? 'tick' : 'cross')),
      el('p', { class: 'state' }, good ? t('เมืองลงลายเซ็นใบรับนี้จริง', 'The city did sign this receipt') : t('อย่าเชื่อใบรับนี้', 'Do not rely on this receipt')),
      el('p', { class: 'figure' }, `${baht(receipt.amount)} ฿`)),
    el('ul', { class: 'cards' },
      line(signed, signed ? t('ลายเซ็นเป็นของเมือง และตัวเลขไม่ถูกแก้', 'The signature is the city’s and no figure was changed.')
        : changed ? t(`ข้อมูลถูกแก้: ${changed}`, `It was altered: ${changed}`) : t('ลายเซ็นไม่ใช่ของเมืองนี้ หรือตัวเลขถูกแก้', 'The signature is not this city’s, or a figure was changed.')),
      anchored),
    facts([
      [t('ร้าน', 'Shop'), shopName(shop && { th: shop.name_th, en: shop.name_en }, receipt.merchant)], [t('ยอดบิล', 'Bill'), `${baht(receipt.bill)} ฿`],
      [t('เมืองจ่าย', 'The city pays'), `${baht(receipt.amount)} ฿`], receipt.copay > 0 && [t('จ่ายร่วม', 'Copay'), `${baht(receipt.copay)} ฿`],
      [t('ลงลายเซ็นเมื่อ', 'Signed'), moment(receipt.signed_at)], [t('เมืองรับเมื่อ', 'Accepted'), moment(receipt.accepted_at)]], 'tight')),
  el('details', {}, el('summary', {}, t('ตรวจโดยไม่ถามเมืองเลย', 'Check without asking the city at all')),
    el('p', {}, t('หน้านี้อ่านรากของวันจากเมือง เพราะหน้าเว็บนี้ติดต่อใครอื่นไม่ได้ โปรแกรมเดียวกันอ่านจากโหนดใดก็ได้:', 'This page reads the day’s root from the city, since it may contact nobody else. The same program reads it from any node:')),
    el('p', {}, el('code', {}, 'node verify_receipt.js receipt.json --rpc …')),
    el('div', { class: 'row-actions' }, button(t('ไฟล์ใบรับ', 'The receipt’s file'), () => download('receipt.json', new Blob([text], { type: 'application/json' })), { kind: 'second narrow' }),
      el('a', { class: 'button second narrow', href: new URL('./verify_receipt.js', import.meta.url).pathname, download: 'verify_receipt.js' }, t('โปรแกรมตรวจ', 'The verifier')))),
  button(t('ตรวจใบอื่น', 'Check another'), again, { kind: 'second narrow' }));
  // On a phone the answer stands below what was pressed: it is brought to the eye.
  if (place.getBoundingClientRect().top > window.innerHeight / 2) place.scrollIntoView();
}

/** Whether the receipt's own leaf leads to the root that was anchored for its day. */
async function anchorLine(receipt, path) {
  const root = rootFrom(leafOf(receipt), path.position, path.count, path.siblings.map((each) => unhex(each, 32)));
  const anchor = await read(`/v1/anchors/${path.day}`).catch(() => null);
  if (anchor === null) return line(null, t('ติดต่อเมืองเพื่ออ่านรากของวันไม่ได้', 'The day’s root could not be read.'));
  const holds = root !== null && hex(root) === anchor.root && anchor.leaves === path.count;
  const day = date(Date.parse(`${anchor.date}T12:00:00+07:00`) / 1000);
  return line(holds, holds ? t(`อยู่ในบัญชีของวันที่ ${day} ที่เขียนลงเชนแล้ว ลำดับ ${path.position + 1} จาก ${path.count}`, `It stands in the anchored books of ${day}, number ${path.position + 1} of ${path.count}.`)
    : t('ไม่อยู่ในบัญชีของวันที่อ้าง', 'It does not stand in the books of the day it names.'));
}
