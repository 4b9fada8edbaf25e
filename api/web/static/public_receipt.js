// Check a receipt in the browser: whose signature it is is computed here, whatever the city says.

import { joined, toHex } from './bytes.js';
import { openCity } from './city.js';
import { button, el, facts, icon, notice } from './dom.js';
import { decodeText, decodeTyped } from './qr_codec.js';
import { read } from './public_city.js';
import { scanPlace } from './scanner.js';
import { again, heading } from './screens.js';
import { recoverAddress } from './signatures.js';
import { receiptDigest } from './typed_data.js';
import { baht, moment, shopName, t } from './words.js';

export async function receiptScreen(showing) {
  const city = await openCity();
  const place = el('div', { class: 'cards', 'aria-live': 'polite' });
  const take = (text) => {
    const code = decodeText(text.trim()) ?? decodeTyped(text);
    if (code === null) return t('ไม่ใช่คิวอาร์ของเมือง', 'Not one of the city’s codes.');
    if (code.kind !== 'receipt') return t('คิวอาร์นี้ไม่ใช่ใบรับ ใบรับอยู่ในสลิปของกระเป๋าและร้าน', 'This is no receipt. Receipts stand on the slips of wallets and shops.');
    if (!city.isOurs(code)) return t('ใบรับนี้เป็นของเมืองอื่น', 'This receipt is of another city.');
    check(city, code, place);
    return null;
  };
  showing.draw(heading(t('ตรวจใบรับ', 'Check a receipt')),
    el('p', { class: 'lead' }, t('ใบรับคือคำรับรองที่เมืองลงลายเซ็นไว้ ว่ารายการนี้จะถูกบันทึกบนเชน เครื่องของท่านคำนวณลายเซ็นเอง',
      'A receipt is the city’s signed promise that a redemption reaches the chain. This browser computes the signature by itself.')),
    el('div', { class: 'beside even' }, el('section', { class: 'sheet' }, scanPlace(showing, take, { typed: t('หรือวางข้อความของใบรับ', 'Or paste the text of a receipt') })), place));
}

/** The signature is judged here. Where shop and policy are known, they are named; nothing hangs on it. */
async function check(city, code, place) {
  const digest = receiptDigest(city.separator, { ...code, policy: toHex(code.policy) });
  const signer = recoverAddress(digest, joined(code.r, code.vs));
  const good = signer !== null && signer === city.deployment.sequencer;
  const shop = await read(`/v1/merchants/${code.merchant}`).catch(() => null);
  place.replaceChildren(el('section', { class: `slip ${good ? '' : 'bad'}` },
    el('div', { class: 'slip-head' }, el('span', { class: 'mark' }, icon(good ? 'tick' : 'cross')),
      el('p', { class: 'state' }, good ? t('เมืองลงลายเซ็นใบรับนี้จริง', 'The city did sign this receipt') : t('ใบรับนี้ไม่ได้ลงลายเซ็นโดยเมือง', 'The city did not sign this receipt')),
      el('p', { class: 'figure' }, `${baht(code.amount)} ฿`)),
    facts([
      [t('ร้าน', 'Shop'), shopName(shop && { th: shop.name_th, en: shop.name_en }, code.merchant)], [t('ยอดบิล', 'Bill'), `${baht(code.bill)} ฿`],
      [t('เมืองจ่าย', 'The city pays'), `${baht(code.amount)} ฿`], code.copay > 0 && [t('จ่ายร่วม', 'Copay'), `${baht(code.copay)} ฿`],
      [t('ลงลายเซ็นเมื่อ', 'Signed'), moment(code.signedAt)], [t('เมืองรับเมื่อ', 'Accepted'), moment(code.acceptedAt)],
      [t('ผู้ลงลายเซ็น', 'Signer'), el('code', {}, signer ?? '–')]], 'tight')),
  good ? null : notice('bad', 'cross', t('มีการแก้ตัวเลข หรือใบรับนี้ปลอม', 'A figure was changed, or the receipt is forged.'), t('อย่าเชื่อใบรับนี้ แจ้งศาลากลาง', 'Do not rely on it; tell city hall.')),
  button(t('ตรวจใบอื่น', 'Check another'), again, { kind: 'second narrow' }));
}
