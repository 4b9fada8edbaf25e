// What a coupon can still do, and the figures a wallet signs.

import { LANG, t } from './words.js';

export const couponName = (coupon) => coupon.name?.[LANG] ?? t(`โครงการ ${coupon.campaign}`, `Campaign ${coupon.campaign}`);

export const STEP_SECONDS = 15;
export const AHEAD_SECONDS_MAX = 60;

/**
 * The time to sign at: the present step, or the one after this pass's last. Null before the campaign
 * starts, and where the last one lies so far ahead that the next could not be taken yet.
 */
export function nextSignedAt(starts, lastSignedAt, now) {
  if (now < starts) return null;
  const step = Math.floor((now - starts) / STEP_SECONDS) * STEP_SECONDS + starts;
  const signedAt = Math.max(step, lastSignedAt ? lastSignedAt + STEP_SECONDS : 0);
  return signedAt > now + AHEAD_SECONDS_MAX ? null : signedAt;
}

export function secondsToNextStep(starts, now) {
  return STEP_SECONDS - (((now - starts) % STEP_SECONDS) + STEP_SECONDS) % STEP_SECONDS;
}

/** The most that may be asked for: the bill is not what limits a presented code, the amount is. */
export const PRESENT_BILL_MAX = 10_000_000;
export const PRESENT_AMOUNT_MAX = 2 ** 24 - 1;
