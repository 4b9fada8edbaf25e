// The sign on the counter: a charge without an amount, printed once.

import { button, el } from './dom.js';
import { encodeText } from './qr_codec.js';
import { qrPicture } from './qr_picture.js';
import { heading } from './screens.js';
import { tillName } from './shop_bill.js';
import { back } from './shop_owner.js';
import { t } from './words.js';

const steps = () => [
  t('เปิดกระเป๋าคูปองเมือง แล้วสแกนคิวอาร์นี้', 'Open the city’s coupon wallet and scan this code'),
  t('ดูชื่อร้านให้ตรงกับป้าย พิมพ์ยอดบิล', 'Check the shop’s name and type the bill'),
  t('ยืนยัน แล้วให้ร้านดูที่จอของร้าน', 'Confirm, and let the shop look at its own screen'),
];

export async function standScreen(showing, state) {
  const { city, till } = state;
  const code = { kind: 'charge', merchant: till.merchant, bill: 0, reference: new Uint8Array(8) };
  showing.draw(heading(t('ป้ายตั้งหน้าร้าน', 'The counter sign')),
    el('section', { class: 'sheet stand', 'aria-label': t('ตัวอย่างป้าย', 'The sign') },
      el('p', { class: 'sheet-city' }, state.cityName),
      el('p', { class: 'sheet-title' }, t('รับคูปองเมือง', 'City coupons taken here')),
      el('p', { class: 'shop-name' }, tillName(till)),
      el('div', { class: 'paper' }, qrPicture(encodeText(code, city.deployment.origin, city.tag), t('คิวอาร์ของร้าน', 'The shop’s QR'))),
      el('ol', {}, steps().map((each) => el('li', {}, each))),
      el('p', { class: 'small' }, t(`ร้านหมายเลข ${till.merchant} · ไม่ใช่พร้อมเพย์ อย่าสแกนด้วยแอปธนาคาร`, `Shop ${till.merchant} · Not PromptPay: do not scan it with a bank’s app`))),
    button(t('พิมพ์ป้าย', 'Print the sign'), () => window.print(), { drawing: 'print' }), back());
}
