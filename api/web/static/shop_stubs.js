// What a device keeps of all it took, and the owner's of all the shop took: the customer's permit and the
// city's receipt. With these the shop's money reaches the chain though the city's server should be gone
// (`nakhon merchant force`).

import { Refused } from './city.js';
import { button, download, el, facts, link, notice } from './dom.js';
import { lineOf } from './live.js';
import { heading } from './screens.js';
import { back } from './shop_owner.js';
import { forget, keep, kept, keptUnder } from './store.js';
import { baht, moment, t } from './words.js';

const VERSION = 1;
const PAGE_ITEMS = 200;
const LOOK_MS = 60_000;
const SHOWN_SECONDS = 3;
const AFTER_TAKEN_MS = 1_000;
/** Two servers may finish in another order than they began: so much is read once more. */
const OVERLAP_SECONDS = 60;
/** The chain takes a forced redemption for seven days after it was signed. */
const KEPT_SECONDS = 8 * 86_400;

let watched = null;

const placeOf = (key) => `stub ${key.address} `;
const readTo = (key) => `stubs read to ${key.address}`;

/** Keep what this till takes, or the whole shop of an owner, for as long as this page is open. */
export function watchStubs(state) {
  const { city, key } = state;
  if (watched === key) return;
  watched = key;
  let soonest = null;
  let looking = false;
  const look = async () => {
    clearTimeout(soonest);
    soonest = setTimeout(look, LOOK_MS);
    if (looking || watched !== key) return;
    looking = true;
    try {
      await readStubs(state, key);
    } catch (refused) {
      // A city that is away for a while is what the stubs are for.
      if (!(refused instanceof Refused)) console.error(refused);
    }
    looking = false;
  };
  lineOf(city, key).add({
    taken: () => {
      clearTimeout(soonest);
      soonest = setTimeout(look, AFTER_TAKEN_MS);
    },
  });
  forgetOld(city, key).then(look);
}

/** Read on from where this device was, page after page. */
async function readStubs(state, key) {
  const { city } = state;
  let newest = (await kept(readTo(key))) ?? 0;
  let after = newest ? `${Math.max(newest - OVERLAP_SECONDS, 0)}.0` : null;
  do {
    const page = await city.signed(key, `/v1/till/stubs?limit=${PAGE_ITEMS}${after ? `&after=${after}` : ''}`);
    for (const told of page.items) {
      await keep(placeOf(key) + told.id, { stub: VERSION, ...told });
      newest = Math.max(newest, told.accepted_at);
    }
    await keep(readTo(key), newest);
    after = page.next;
  } while (after);
}

async function forgetOld(city, key) {
  const first = city.now() - KEPT_SECONDS;
  const old = (await keptUnder(placeOf(key))).filter((each) => each.signed_at < first);
  for (const each of old) await forget(placeOf(key) + each.id);
}

/** Needs no city: this is the screen for the day on which there is none. */
export async function stubsScreen(showing, state) {
  let shown = -1;
  const look = async () => {
    const stubs = await keptUnder(placeOf(state.key));
    if (showing.current && stubs.length !== shown) drawStubs(showing, state, stubs);
    shown = stubs.length;
  };
  await look();
  showing.repeat(SHOWN_SECONDS, look);
}

const fileOf = (stubs) => `nakhon-stubs-${stubs[0].merchant}.json`;

/** The button that saves stubs as a file, and says so. */
function saving(stubs) {
  const told = el('div', { 'aria-live': 'polite' });
  const save = () => {
    download(fileOf(stubs), new Blob([JSON.stringify({ stubs: VERSION, items: stubs })], { type: 'application/json' }));
    told.replaceChildren(notice('good', 'tick', t('บันทึกไฟล์แล้ว เก็บไว้นอกเครื่องนี้ด้วย', 'Saved. Keep a copy off this device, too.')));
  };
  return el('div', { class: 'actions' }, button(t('บันทึกเป็นไฟล์', 'Save as a file'), save, { drawing: 'paper' }), told);
}

/** What a device that was withdrawn still keeps of what it took, to be handed over; null for nothing. */
export async function leftStubs(key) {
  const stubs = await keptUnder(placeOf(key));
  return stubs.length ? [el('p', {}, t(`เครื่องนี้ยังเก็บต้นขั้ว ${stubs.length} รายการที่เคยรับ บันทึกส่งให้เจ้าของร้านก่อนเริ่มใหม่`,
    stubs.length === 1 ? 'It still keeps the stub of one payment it took: save it for the owner before you begin anew.' : `It still keeps the stubs of ${stubs.length} payments it took: save them for the owner before you begin anew.`)), saving(stubs)] : null;
}

function drawStubs(showing, state, stubs) {
  const title = heading(t('ต้นขั้วในเครื่องนี้', 'Stubs on this device'));
  const owner = state.till.role === 'owner';
  const why = el('p', {}, owner ? t('เครื่องนี้เก็บลายเซ็นของลูกค้าและใบรับที่เมืองลงลายเซ็น ของทุกรายการที่ร้านรับ ถ้าระบบของเมืองหายไป ร้านใช้ต้นขั้วนำเงินขึ้นเชนเองได้ภายใน 7 วัน',
    'This device keeps the customer’s signature and the city’s signed receipt of all that the shop takes. Should the city’s system be gone, the shop brings its money to the chain with them, within 7 days.')
    : t('เครื่องนี้เก็บลายเซ็นของลูกค้าและใบรับที่เมืองลงลายเซ็น ของทุกรายการที่เครื่องนี้รับ ถ้าระบบของเมืองหายไป บันทึกเป็นไฟล์ส่งให้เจ้าของร้าน เพื่อนำเงินขึ้นเชนภายใน 7 วัน',
      'This device keeps the customer’s signature and the city’s signed receipt of all that it takes. Should the city’s system be gone, save them as a file for the shop’s owner, who brings the money to the chain within 7 days.'));
  if (!stubs.length) {
    return showing.draw(title, why, notice('busy', 'paper', t('ยังไม่มีต้นขั้ว', 'There are none yet.'), owner ? t('จะเก็บเองเมื่อร้านรับคูปองขณะเปิดหน้านี้บนเครื่องของเจ้าของร้าน', 'They are kept by themselves when the shop takes a coupon while this page is open on the owner’s device.')
      : t('จะเก็บเองเมื่อเครื่องนี้รับคูปอง', 'They are kept by themselves when this device takes a coupon.')), back());
  }
  const file = fileOf(stubs);
  const unnamed = stubs.filter((each) => each.unnamed).length;
  const newest = stubs.reduce((latest, each) => Math.max(latest, each.accepted_at), 0);
  return showing.draw(title, why,
    facts([
      [t('ต้นขั้วที่เก็บไว้', 'Stubs kept'), String(stubs.length)],
      [t('เมืองจ่ายรวม', 'The city pays for them'), `${baht(stubs.reduce((sum, each) => sum + BigInt(each.amount), 0n))} ฿`],
      [t('รายการล่าสุด', 'The latest'), moment(newest)],
      // Such a permit names no shop: the chain takes it from the city alone.
      unnamed > 0 && [t('ที่ร้านสแกนลูกค้า: เป็นหลักฐานเท่านั้น', 'Scanned by the shop: proof alone'), String(unnamed)],
    ]),
    saving(stubs),
    el('p', { class: 'small' }, t('เมื่อถึงวันที่ต้องใช้ ตั้งแต่ 15 นาทีหลังรับ:', 'On the day it is needed, from 15 minutes after it was taken:'), el('br'), el('code', {}, `nakhon merchant force ${file}`)),
    owner && link(t('ต้องใช้กุญแจร้านด้วย: สำรองกุญแจ', 'It needs the shop’s key: back it up'), '#key', { kind: 'second', drawing: 'key' }), back());
}
