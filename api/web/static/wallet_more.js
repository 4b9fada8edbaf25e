// Everything a wallet can do that is not paying.

import { el, icon, link, notice } from './dom.js';
import { heading } from './screens.js';
import { isLarge, setLarge } from './letters.js';
import { wallets } from './wallets.js';
import { t } from './words.js';

const row = (words, more, href, drawing) => el('li', {}, el('a', { class: 'row', href },
  el('span', { class: 'mark' }, icon(drawing)), el('span', { class: 'grow' }, el('b', {}, words), el('span', { class: 'small' }, more))));

export async function moreScreen(showing) {
  const all = await wallets();
  const large = el('input', { type: 'checkbox', id: 'large', checked: isLarge(), on: { change: () => setLarge(large.checked) } });
  showing.draw(heading(t('เพิ่มเติม', 'More')),
    el('ul', { class: 'rows' },
      row(t('กระเป๋าในเครื่องนี้', 'Wallets on this phone'), all.length > 1 ? t(`${all.length} กระเป๋า สลับหรือตั้งชื่อ`, `${all.length}: switch, rename`) : t('เพิ่มของคนในบ้าน เช่น คุณยาย', 'Add one for somebody at home'), '#wallets', 'people'),
      row(t('สำรองกุญแจ', 'Back up the key'), t('ไฟล์ หรือแผ่นกู้คืนที่พิมพ์ได้', 'A file, or a sheet to print'), '#key', 'key'),
      row(t('ใช้ได้ที่ไหน', 'Where it can be used'), t('รายชื่อร้านและแผนที่', 'Shops as a list and a map'), '#where', 'place'),
      row(t('ย้ายคูปองกระดาษมาเครื่องนี้', 'Move a paper coupon to this phone'), t('เข้ากระเป๋าใหม่ หรือกระเป๋าที่ยังไม่มีบัตร', 'Into a new wallet, or one without a pass'), '#move', 'paper')),
    el('div', { class: 'choices' }, el('label', {}, large, icon('letters'), el('span', { class: 'grow' }, t('ตัวอักษรใหญ่', 'Large letters')))),
    notice('busy', 'key', t('กุญแจของกระเป๋าอยู่ในเครื่องนี้เท่านั้น ไม่ถูกส่งออกไปไหน', 'The wallet’s key is in this phone alone and is sent nowhere.')),
    link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' }));
}
