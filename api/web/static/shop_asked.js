// The owner hears of a cashier's wish at once, whatever screen is shown: a bar over the page's head, by
// colour, mark, words and sound. It moves nothing, and a finger on its way down does not hit it.

import { el, icon } from './dom.js';
import { lineOf } from './live.js';
import { soundAsked } from './sound.js';
import { baht, t } from './words.js';

const NEW_SECONDS = 60;
const SETTLE_MS = 700;

const waiting = new Map();
const place = el('div', { class: 'asked-place', role: 'status' });
let heard = null;

/** How many wishes wait for the owner's answer, as far as this page has heard. */
export const waitingCount = () => waiting.size;

/** Listen for as long as the page is an owner's. */
export function watchAsked({ city, key, till }) {
  if (till?.role !== 'owner' || heard === key) return;
  heard = key;
  waiting.clear();
  if (!place.isConnected) document.querySelector('.top').after(place);
  lineOf(city, key).add({ asked: (wish) => hearWish(wish, city.now()) });
}

function hearWish(wish, now) {
  const known = waiting.has(wish.request);
  if (wish.state === 'asked') waiting.set(wish.request, wish);
  else waiting.delete(wish.request);
  show();
  if (wish.state === 'asked' && !known && now - wish.asked_at < NEW_SECONDS) soundAsked();
}

function show() {
  const wishes = [...waiting.values()];
  if (!wishes.length) return place.replaceChildren();
  const words = wishes.length > 1 ? t(`คำขอคืนสิทธิ์ ${wishes.length} รายการ`, `${wishes.length} requests to undo`)
    : t(`ขอคืนสิทธิ์ ${baht(wishes[0].amount)} ฿: ${wishes[0].reason}`, `Asked to undo ${baht(wishes[0].amount)} ฿: ${wishes[0].reason}`);
  const bar = el('a', { class: 'asked', href: '#voids' }, icon('undo'), el('span', { class: 'grow' }, words), el('b', {}, t('ดู', 'Look')));
  if (!place.children.length) {
    bar.inert = true;
    setTimeout(() => { bar.inert = false; }, SETTLE_MS);
  }
  return place.replaceChildren(bar);
}
