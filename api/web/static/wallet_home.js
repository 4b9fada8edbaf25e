// The first screen: make a wallet, wait for the city to enrol it, then the coupons as cards.

import { Refused } from './city.js';
import { button, el, facts, link, notice } from './dom.js';
import { couponName } from './coupons.js';
import { qrPicture } from './qr_picture.js';
import { again, asking, heading, refusalOf } from './screens.js';
import { keep, kept } from './store.js';
import { addWallet } from './wallets.js';
import { LANG, baht, date, moment, t } from './words.js';

/** The coupons, from the net, else as this phone saw them last: `{items, now, fresh}`. */
export async function coupons(state) {
  const { address } = state.key;
  try {
    const found = await state.city.signed(state.key, '/v1/me/coupons');
    await keep(`coupons:${address}`, found);
    return { ...found, fresh: true };
  } catch (refused) {
    const before = await kept(`coupons:${address}`);
    if (refused instanceof Refused && refused.status === 0 && before) return { ...before, fresh: false };
    throw refused;
  }
}

export async function homeScreen(showing, state) {
  if (!state.key) return showing.draw(welcome(state));
  const { several, name } = state.wallet;
  const title = several ? t(`คูปองของ ${name}`, `Coupons: ${name}`) : t('คูปองของฉัน', 'My coupons');
  const whose = several && await (await import('./wallet_several.js')).walletSwitch(state);
  showing.draw(heading(title), whose, el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  let drawn;
  const look = async () => {
    const found = await coupons(state);
    const now = JSON.stringify([found.items, found.fresh]);
    if (now === drawn) return;
    drawn = now;
    showing.draw(heading(title), whose, stale(found),
      found.items.some((each) => !each.refusal) && scanToPay(), cards(found));
  };
  try {
    await look();
    // A phone that comes back to this page is shown today's figures, and what came meanwhile.
    const seen = () => document.hidden || look().catch(() => {});
    document.addEventListener('visibilitychange', seen);
    showing.onLeave(() => document.removeEventListener('visibilitychange', seen));
  } catch (refused) {
    if (refused.code !== 'unknown_pass') throw refused;
    showing.draw(notEnrolled(state, whose));
  }
}

function welcome(state) {
  const make = button(t('สร้างกระเป๋าบนเครื่องนี้', 'Make a wallet on this phone'), async () => {
    make.disabled = true;
    await addWallet('');
    again();
  }, { drawing: 'card' });
  return [
    heading(t('กระเป๋าคูปองของเมือง', 'The city’s coupon wallet')),
    el('p', { class: 'lead' }, t('ใช้คูปองของเทศบาลที่ร้านค้าด้วยคิวอาร์ ไม่ต้องสมัคร ไม่ต้องใช้รหัสผ่าน',
      'Use the city’s coupons at shops by QR. No sign-up, no password.')),
    make,
    el('p', { class: 'small' }, t('กุญแจของกระเป๋าถูกสร้างในเครื่องนี้และไม่ถูกส่งออกไปไหน',
      'The wallet’s key is made in this phone and never leaves it.')),
    link(t('กู้กระเป๋าคืน', 'Bring a wallet back'), '#restore', { kind: 'second', drawing: 'key' }),
  ];
}

function notEnrolled(state, whose) {
  const { address } = state.key;
  return [
    heading(t('กระเป๋าพร้อมแล้ว', 'The wallet is ready')), whose,
    notice('busy', 'wait', t('เหลืออีกขั้นเดียว: ให้เจ้าหน้าที่เทศบาลสแกนรหัสนี้เพื่อขึ้นทะเบียน',
      'One more step: let a city officer scan this code to enrol you.')),
    el('div', { class: 'paper' }, qrPicture(address, t('เลขที่กระเป๋าเป็นคิวอาร์', 'The wallet’s address as a QR'))),
    facts([[t('เลขที่กระเป๋า', 'Address'), el('code', { id: 'address' }, address)]]),
    asking(t('ขึ้นทะเบียนแล้ว ดูคูปอง', 'I am enrolled: show my coupons'), { drawing: 'card' }, () => state.city.signed(state.key, '/v1/me/pass')),
    link(t('มีคูปองกระดาษ: ย้ายมาเครื่องนี้', 'I have a paper coupon: move it here'), '#move', { kind: 'second', drawing: 'paper' }),
    link(t('สำรองกุญแจไว้ก่อน', 'Back up the key first'), '#key', { kind: 'second', drawing: 'key' }),
  ];
}

export function stale(found) {
  return !found.fresh && notice('busy', 'wait',
    t(`ยอดนี้เห็นล่าสุดเมื่อ ${moment(found.now)}`, `These figures are of ${moment(found.now)}.`));
}

function cards(found) {
  if (!found.items.length) {
    return notice('busy', 'wait', t('ยังไม่มีคูปอง เปิดหน้านี้อีกครั้งเมื่อเทศบาลเปิดโครงการ',
      'No coupon yet. Open this page again when the city opens a campaign.'));
  }
  return el('ul', { class: 'cards' }, found.items.map(card));
}

function card(coupon) {
  const { spent, allowance, left } = coupon;
  const part = Number((BigInt(left) * 100n) / (BigInt(allowance) || 1n));
  const name = couponName(coupon);
  return el('li', { class: `card ${coupon.refusal ? 'closed' : ''}` },
    el('h2', {}, name),
    el('p', { class: 'small' }, t('ใช้ได้วันนี้อีก', 'Left today')),
    el('p', { class: 'figure' }, `${baht(coupon.left_now)} ฿`),
    el('progress', { max: 100, value: part, 'aria-label': t(`เหลือ ${part}% ของทั้งหมด`, `${part}% of it all is left`) }),
    facts([
      [t('เหลือทั้งหมด', 'Left in all'), `${baht(left)} ฿ / ${baht(allowance)} ฿`],
      [t('ใช้ไปแล้ว', 'Spent'), `${baht(spent)} ฿`],
      [t('ใช้ได้ถึง', 'Until'), date(coupon.ends - 1)],
    ], 'tight'),
    coupon.refusal ? refusalOf(coupon.refusal)
      : link(t('แสดงคิวอาร์ให้ร้าน', 'Show my QR'), `#show/${coupon.campaign}`, { kind: 'onward', drawing: 'show' }),
    link(t('ใช้ได้ที่ไหน', 'Where it can be used'), `#where/${coupon.campaign}`, { kind: 'quiet', drawing: 'place' }),
    coupon.sentences && el('details', {}, el('summary', {}, t('เงื่อนไขทั้งหมด', 'All conditions')),
      el('ul', {}, coupon.sentences[LANG].map((sentence) => el('li', {}, sentence)))));
}

const scanToPay = () => link(t('สแกนจ่ายที่ร้าน', 'Scan to pay'), '#scan', { drawing: 'scan' });

