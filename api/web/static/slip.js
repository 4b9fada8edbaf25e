// The slip of a redemption: on the screen, and as a picture to keep.

import { button, download, el, facts, icon, notice } from './dom.js';
import { drawQr, qrPicture } from './qr_picture.js';
import { LANG, baht, clock, date, moment, shopName, t } from './words.js';

export function stateWords(status) {
  return {
    accepted: t('รับแล้ว กำลังลงบัญชี', 'Accepted, being entered'),
    included: t('ลงบัญชีแล้ว', 'Entered on the ledger'),
    final: t('เสร็จสมบูรณ์', 'Final'),
    voided: t('คืนสิทธิ์แล้ว', 'Undone'),
    failed: t('ไม่สำเร็จ สิทธิ์กลับคืน', 'Failed, given back'),
  }[status];
}

export const stateIcon = (status) => ({ accepted: 'wait', voided: 'undo', failed: 'cross' })[status] ?? 'tick';

function rows(of) {
  return [
    [t('ร้าน', 'Shop'), shopName(of.merchant_name, of.merchant)],
    [t('ยอดบิล', 'Bill'), `${baht(of.bill)} ฿`],
    [t('คูปองจ่าย', 'Paid by coupon'), `${baht(of.amount)} ฿`],
    [t('จ่ายเงินสดที่ร้าน', 'Cash at the counter'), `${baht(of.cash)} ฿`],
    of.voided !== '0' && [t('คืนสิทธิ์แล้ว', 'Given back'), `${baht(of.voided)} ฿`],
    [t('เมื่อ', 'When'), moment(of.accepted_at ?? of.signed_at)],
    [t('เลขอ้างอิง', 'Reference'), el('code', {}, of.id)],
  ].filter(Boolean);
}

/** The slip with its large amount, its state, and a button that saves it. */
export function slip(of, cityName) {
  const good = !['failed', 'voided'].includes(of.status);
  return el('section', { class: `slip ${good ? 'good' : 'bad'}`, 'aria-label': t('สลิป', 'Slip') },
    el('div', { class: 'slip-head' }, el('span', { class: 'mark' }, icon(good ? 'tick' : stateIcon(of.status))),
      el('p', { class: 'state' }, stateWords(of.status)),
      el('p', { class: 'figure' }, `${baht(of.amount)} ฿`)),
    of.failure && notice('bad', 'cross', of.failure[LANG], of.failure[`action_${LANG}`]),
    facts(rows(of)),
    el('p', { class: 'small' }, cityName),
    of.receipt && el('details', {}, el('summary', {}, t('ใบรับรองของเมือง', 'The city’s receipt')),
      el('p', { class: 'small' }, t('คำรับรองที่เมืองลงลายเซ็น ตรวจเองได้โดยไม่ต้องถามเมือง', 'A promise signed by the city: anybody can check it without asking.')),
      el('div', { class: 'paper' }, qrPicture(of.receipt.qr, t('ใบรับรองเป็นคิวอาร์', 'The receipt as a QR')))),
    saving(() => savePicture(of, cityName)));
}

/** The button that saves the slip, and says so. */
function saving(save) {
  const told = el('div', { 'aria-live': 'polite' });
  const press = button(t('บันทึกเป็นรูป', 'Save as a picture'), async () => {
    told.replaceChildren(notice('busy', 'wait', t('กำลังทำรูป…', 'Making the picture…')));
    await save();
    told.replaceChildren(notice('good', 'tick', t('บันทึกรูปแล้ว', 'Saved.')));
  }, { kind: 'second' });
  return [press, told];
}

const WIDTH = 800;
const ROW = 58;
const QR_SIDE = 420;

async function savePicture(of, cityName) {
  const lines = rows(of);
  const qrAt = 270 + lines.length * ROW;
  const canvas = el('canvas', { width: WIDTH, height: qrAt + (of.receipt ? QR_SIDE : 0) + 84 });
  const brush = canvas.getContext('2d');
  await Promise.all([document.fonts.load('700 40px Sarabun', 'กA1'), document.fonts.load('400 30px Sarabun', 'กA1')]);
  brush.fillStyle = '#ffffff';
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.fillStyle = ['failed', 'voided'].includes(of.status) ? '#a3231d' : '#0b6b5c';
  brush.fillRect(0, 0, WIDTH, 16);
  brush.font = '700 44px Sarabun';
  brush.fillText(stateWords(of.status), 48, 96);
  brush.font = '700 72px Sarabun';
  brush.fillText(`${baht(of.amount)} ฿`, 48, 196);
  brush.fillStyle = '#16202a';
  lines.forEach(([label, value], line) => {
    const words = typeof value === 'string' ? value : value.textContent;
    brush.font = '400 30px Sarabun';
    brush.fillText(label, 48, 270 + line * ROW);
    brush.font = '700 30px Sarabun';
    brush.fillText(words, 330, 270 + line * ROW, WIDTH - 370);
  });
  if (of.receipt) drawQr(brush, of.receipt.qr, { x: (WIDTH - QR_SIDE) / 2, y: qrAt - 20, side: QR_SIDE });
  brush.fillStyle = '#16202a';
  brush.font = '400 26px Sarabun';
  brush.fillText(cityName, 48, canvas.height - 32);
  canvas.toBlob((blob) => download(`${of.id}.png`, blob), 'image/png');
}

/** One line of a history, leading to its slip. */
export function historyRow(of, title = shopName(of.merchant_name, of.merchant)) {
  const at = of.accepted_at ?? of.signed_at;
  return el('li', {}, el('a', { class: `row ${of.status}`, href: `#slip/${of.id}` },
    el('span', { class: 'mark' }, icon(stateIcon(of.status))),
    el('span', { class: 'grow' }, el('b', {}, title),
      el('span', { class: 'small' }, `${date(at)} ${clock(at)} · ${stateWords(of.status)}`)),
    el('b', { class: 'number' }, `${baht(of.amount)} ฿`)));
}
