// The code a shop scans: signed for whoever scans it, renewed at every step, with no net needed.

import { el, facts, link, notice } from './dom.js';
import { PRESENT_AMOUNT_MAX, PRESENT_BILL_MAX, STEP_SECONDS, couponName, nextSignedAt, secondsToNextStep } from './coupons.js';
import { encodeText } from './qr_codec.js';
import { qrPicture } from './qr_picture.js';
import { go, heading, refusalOf } from './screens.js';
import { redemptionDigest } from './typed_data.js';
import { coupons, stale } from './wallet_home.js';
import { baht, t } from './words.js';

export async function presentScreen(showing, state, campaign) {
  showing.draw(heading(t('คิวอาร์ให้ร้านสแกน', 'My QR for the shop')));
  const found = await coupons(state);
  const coupon = found.items.find((each) => String(each.campaign) === campaign)
    ?? found.items.find((each) => !each.refusal) ?? found.items[0];
  if (!coupon) return go('');
  if (coupon.refusal) return showing.draw(heading(couponName(coupon)), refusalOf(coupon.refusal), back());
  const place = el('div', { class: 'paper' });
  const ring = el('progress', { max: STEP_SECONDS, value: STEP_SECONDS, class: 'countdown', 'aria-label': t('เวลาก่อนเปลี่ยนคิวอาร์', 'Time until the code changes') });
  const count = el('p', { class: 'small count' });
  const most = Math.min(Number(coupon.left_now), PRESENT_AMOUNT_MAX);
  showing.draw(heading(couponName(coupon)), stale(found), place, ring, count,
    facts([[t('ร้านรับได้ไม่เกิน', 'The shop takes at most'), `${baht(most)} ฿`],
      state.wallet.several && [t('จากกระเป๋า', 'From the wallet'), state.wallet.name]]),
    notice('busy', 'show', t('ให้ร้านสแกนจากจอนี้เท่านั้น อย่าถ่ายภาพส่งให้ใคร', 'Let the shop scan this screen. Send a picture of it to nobody.')), back());
  watchAcceptance(showing, state.city, state.key);
  return renew(showing, state.city, state.key, { ...coupon, most }, { place, ring, count });
}

const back = () => link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' });

async function signedText(city, key, coupon, signedAt) {
  const of = { campaign: coupon.campaign, merchant: 0, bill: PRESENT_BILL_MAX, amount: coupon.most, copay: 0, signedAt };
  const signature = await key.sign(redemptionDigest(city.separator, of));
  const code = { kind: 'present', ...of, r: signature.slice(0, 32), vs: signature.slice(32) };
  return encodeText(code, city.deployment.origin, city.tag);
}

function renew(showing, city, key, coupon, { place, ring, count }) {
  let shown = null;
  showing.repeat(0.25, async () => {
    const now = city.now();
    const signedAt = nextSignedAt(coupon.starts, coupon.last_signed_at, now);
    if (signedAt === null) {
      place.replaceChildren(notice('busy', 'wait', t('เพิ่งใช้คูปองนี้ไป รอสักครู่', 'This coupon was just used. Wait a moment.')));
      shown = null;
    } else if (signedAt !== shown) {
      const text = await signedText(city, key, coupon, signedAt);
      if (!showing.current) return;
      place.replaceChildren(qrPicture(text, t('คิวอาร์ให้ร้านสแกน', 'The code for the shop')));
      place.dataset.text = text;
      shown = signedAt;
    }
    const left = secondsToNextStep(coupon.starts, now);
    ring.value = left;
    count.textContent = t(`คิวอาร์เปลี่ยนใหม่ใน ${left} วินาที`, `A new code in ${left} seconds`);
  });
}

/** The phone learns from the city that a shop took it, where there is a net. */
function watchAcceptance(showing, city, key) {
  let newest;
  showing.repeat(2, async () => {
    if (!navigator.onLine) return;
    try {
      const page = await city.signed(key, '/v1/me/redemptions?limit=10');
      const latest = page.items.reduce((late, each) => (!late || each.signed_at > late.signed_at ? each : late), null);
      if (newest !== undefined && latest && latest.id !== newest && showing.current) go(`#slip/${latest.id}`, { replace: true });
      newest = latest?.id ?? null;
    } catch {
      // Without an answer the code still works; the next look may succeed.
    }
  });
}

