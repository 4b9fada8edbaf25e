// The owner's side of a shop: what can be done, and the devices of its cashiers.

import { Refused } from './city.js';
import { button, el, facts, icon, link, notice } from './dom.js';
import { qrPicture } from './qr_picture.js';
import { again, go, heading, refusedNotice } from './screens.js';
import { waitingCount } from './shop_asked.js';
import { tillName } from './shop_bill.js';
import { baht, clock, date, satangOf, t } from './words.js';

export const shopPath = (state, rest) => `/v1/merchants/${state.till.merchant}/${rest}`;

/** A POST signed by this key, under a key of its own: sent twice, it is done once. */
export function order(state, path, body = null) {
  return state.city.signed(state.key, path, body === null ? '' : JSON.stringify(body), { 'idempotency-key': crypto.randomUUID() });
}

/** Do what a press asks for; a refusal is told in `told`, and the button can be pressed again. */
export function pressing(pressed, told, work) {
  return async () => {
    pressed().disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังส่ง…', 'Sending…')));
    try {
      await work();
    } catch (refused) {
      if (!(refused instanceof Refused)) throw refused;
      told.replaceChildren(refusedNotice(refused));
      pressed().disabled = false;
    }
  };
}

const row = (words, more, href, drawing) => el('li', {}, el('a', { class: 'row', href },
  el('span', { class: 'mark' }, icon(drawing)), el('span', { class: 'grow' }, el('b', {}, words), el('span', { class: 'small' }, more))));

export async function shopScreen(showing, state) {
  const { till } = state;
  const owner = till.role === 'owner';
  const stubs = row(t('ต้นขั้วในเครื่องนี้', 'Stubs on this device'), owner ? t('นำเงินขึ้นเชนเองได้ถ้าเมืองหายไป', 'Bring the money in should the city be gone')
    : t('หลักฐานของทุกรายการที่เครื่องนี้รับ', 'The proof of all that this device took'), '#stubs', 'paper');
  showing.draw(heading(tillName(till)),
    !owner && el('ul', { class: 'rows' }, stubs),
    owner && el('ul', { class: 'rows' },
      row(t('แคชเชียร์และเครื่อง', 'Cashiers and devices'), t('เพิ่ม ยกเลิก กำหนดวงเงิน', 'Add, withdraw, set limits'), '#cashiers', 'people'),
      row(t('เงินที่จะได้รับ', 'Payments'), t('จ่ายแล้ว รอจ่าย ใบแจ้งยอด', 'Paid, to be paid, statements'), '#money', 'card'),
      row(t('คำขอคืนสิทธิ์', 'Requests to undo'), waitingCount() ? t(`รอคำตอบ ${waitingCount()} รายการ`, `${waitingCount()} waiting for you`) : t('อนุมัติหรือไม่อนุมัติ', 'Approve or decline'), '#voids', 'undo'),
      row(t('ป้ายตั้งหน้าร้าน', 'The counter sign'), t('พิมพ์คิวอาร์ไว้ให้ลูกค้าสแกน', 'Print a QR for customers to scan'), '#stand', 'print'),
      stubs,
      row(t('สำรองกุญแจร้าน', 'Back up the shop’s key'), t('เงินของร้านจ่ายให้กุญแจนี้', 'The shop is paid to this key'), '#key', 'key')),
    facts([
      [t('หมายเลขร้าน', 'Shop number'), String(till.merchant)],
      [t('เครื่องนี้ใช้ในฐานะ', 'This device is used as'), owner ? t('เจ้าของร้าน', 'Owner') : t('แคชเชียร์', 'Cashier')],
      till.branch && [t('สาขา', 'Branch'), till.branch],
      till.bill_max && [t('รับต่อบิลไม่เกิน', 'At most a bill'), `${baht(till.bill_max)} ฿`],
      till.day_max && [t('รับต่อวันไม่เกิน', 'At most a day'), `${baht(till.day_max)} ฿`],
      [t('เลขที่ของเครื่อง', 'Address'), el('code', {}, till.address)],
    ]),
    !owner && notice('busy', 'key', t('วงเงินและการคืนสิทธิ์เป็นของเจ้าของร้าน', 'Limits and undoing belong to the shop’s owner.')));
}

/** Whoever is no owner is told so, not shown an empty page. */
export const ownersOnly = (screen) => async (showing, state, ...rest) => {
  if (state.till.role === 'owner') return screen(showing, state, ...rest);
  return showing.draw(heading(t('เฉพาะเจ้าของร้าน', 'For the owner alone')),
    notice('busy', 'key', t('เปิดหน้านี้ด้วยเครื่องของเจ้าของร้าน', 'Open this page on the owner’s device.')), back());
};

export const back = (href = '#device') => link(t('กลับ', 'Back'), href, { kind: 'second', drawing: 'back' });

function standing(state) {
  return {
    waiting: t('รอผูกเครื่อง', 'Waiting to be paired'), expired: t('รหัสหมดเวลา', 'Code expired'),
    locked: t('รหัสถูกล็อก', 'Code locked'), paired: t('ใช้งานอยู่', 'In use'), revoked: t('ยกเลิกแล้ว', 'Withdrawn'),
  }[state];
}

export const cashiersScreen = ownersOnly(async (showing, state) => {
  showing.draw(heading(t('แคชเชียร์และเครื่อง', 'Cashiers and devices')), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const { items } = await state.city.signed(state.key, shopPath(state, 'devices'));
  const live = items.filter((each) => ['paired', 'waiting'].includes(each.state));
  const gone = items.filter((each) => !live.includes(each));
  showing.draw(heading(t('แคชเชียร์และเครื่อง', 'Cashiers and devices')),
    link(t('เพิ่มเครื่องแคชเชียร์', 'Add a cashier’s device'), '#pair-new', { drawing: 'people' }),
    live.length ? el('ul', { class: 'cards' }, live.map((each) => deviceCard(state, each)))
      : notice('busy', 'people', t('ยังไม่มีแคชเชียร์ เครื่องนี้ของเจ้าของรับคูปองได้อยู่แล้ว', 'No cashiers yet. This owner’s device takes coupons already.')),
    gone.length > 0 && el('details', {}, el('summary', {}, t(`เลิกใช้แล้ว ${gone.length} เครื่อง`, `${gone.length} no longer in use`)),
      el('ul', {}, gone.map((each) => el('li', {}, `${each.cashier} · ${each.branch} · ${standing(each.state)} · ${date(each.revoked_at ?? each.created_at)}`)))),
    back());
});

function deviceCard(state, device) {
  const told = el('div', { 'aria-live': 'polite' });
  const sure = button(t('ยืนยันยกเลิกเครื่องนี้', 'Yes, withdraw it'), pressing(() => sure, told, async () => {
    await order(state, shopPath(state, `devices/${device.device}/revoke`));
    again();
  }), { kind: 'danger' });
  return el('li', { class: `card device ${device.state}` }, el('h2', {}, device.cashier),
    facts([
      [t('สถานะ', 'State'), standing(device.state)],
      [t('สาขา', 'Branch'), device.branch],
      [t('ต่อบิลไม่เกิน', 'At most a bill'), `${baht(device.bill_max)} ฿`],
      [t('ต่อวันไม่เกิน', 'At most a day'), `${baht(device.day_max)} ฿`],
      [t('ตั้งแต่', 'Since'), date(device.claimed_at ?? device.created_at)],
    ], 'tight'),
    el('details', {}, el('summary', {}, t('ยกเลิกเครื่องนี้', 'Withdraw this device')),
      el('p', {}, t('เครื่องนี้จะรับคูปองไม่ได้อีกทันที', 'It can take no coupon from that moment on.')), sure, told));
}

const money = (id, words, value) => {
  const field = el('input', { id, inputmode: 'decimal', autocomplete: 'off', required: true, value });
  return { field, shown: [el('label', { for: id }, words), field] };
};

export const pairScreen = ownersOnly(async (showing, state) => {
  const cashier = el('input', { id: 'cashier', required: true, maxlength: 120, autocomplete: 'off' });
  const branch = el('input', { id: 'branch', required: true, maxlength: 120, autocomplete: 'off', value: t('หน้าร้าน', 'Counter') });
  const bill = money('bill-max', t('รับต่อบิลไม่เกิน (บาท)', 'At most a bill (baht)'), '1,000');
  const day = money('day-max', t('รับต่อวันไม่เกิน (บาท)', 'At most a day (baht)'), '20,000');
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const press = el('button', { type: 'submit', class: 'button main' }, t('ออกรหัสผูกเครื่อง', 'Make a pairing code'));
  const submit = async (event) => {
    event.preventDefault();
    const [billMax, dayMax] = [satangOf(bill.field.value), satangOf(day.field.value)];
    if (billMax === null || dayMax === null || billMax > dayMax) {
      return told.replaceChildren(notice('bad', 'cross', t('ใส่วงเงินเป็นบาท ต่อบิลต้องไม่เกินต่อวัน', 'Type both limits in baht; a bill’s is no more than a day’s.')));
    }
    return pressing(() => press, told, async () => {
      const offer = await order(state, shopPath(state, 'devices'), {
        branch: branch.value, cashier: cashier.value, bill_max: String(billMax), day_max: String(dayMax),
      });
      showCode(showing, state, offer, cashier.value);
    })();
  };
  showing.draw(heading(t('เพิ่มเครื่องแคชเชียร์', 'Add a cashier’s device')), el('form', { on: { submit } },
    el('label', { for: 'cashier' }, t('ชื่อแคชเชียร์ (เห็นเฉพาะเจ้าของร้าน)', 'The cashier’s name (seen by the owner alone)')), cashier,
    el('label', { for: 'branch' }, t('สาขาหรือจุดขาย', 'Branch or counter')), branch, bill.shown, day.shown, told, press), back('#cashiers'));
});

/** The code is shown this once, as letters and as a QR that opens the till's page with it. */
function showCode(showing, state, offer, cashier) {
  const address = `${location.origin}/shop#pair/${offer.merchant}/${offer.code}`;
  const told = el('div', { 'aria-live': 'polite' }, notice('busy', 'wait',
    t(`ใช้ได้ครั้งเดียว ถึงเวลา ${clock(offer.expires_at)}`, `Good once, until ${clock(offer.expires_at)}.`)));
  showing.draw(heading(t(`รหัสของ ${cashier}`, `The code for ${cashier}`)),
    el('p', {}, t('ให้แคชเชียร์สแกนด้วยกล้องของเครื่องที่จะใช้ หรือเปิดหน้านี้แล้วพิมพ์', 'Let the cashier scan it with the device to be used, or open this page there and type.')),
    el('div', { class: 'paper' }, qrPicture(address, t('รหัสผูกเครื่องเป็นคิวอาร์', 'The pairing code as a QR'))),
    facts([[t('หมายเลขร้าน', 'Shop number'), el('b', {}, String(offer.merchant))],
      [t('รหัสผูกเครื่อง', 'Pairing code'), el('b', { class: 'pays', id: 'pairing-code' }, offer.code)]], 'split'),
    told, link(t('เสร็จแล้ว', 'Done'), '#cashiers', { kind: 'second', drawing: 'back' }));
  showing.repeat(2, async () => {
    const { items } = await state.city.signed(state.key, shopPath(state, 'devices')).catch(() => ({ items: [] }));
    if (items.find((each) => each.device === offer.device)?.state === 'paired' && showing.current) go('cashiers', { replace: false });
  });
}
