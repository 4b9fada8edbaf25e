// Where a coupon can be used: a list and a map. The place of the phone is asked for on a tap, and stays here.

import { couponName } from './coupons.js';
import { button, el, link, notice } from './dom.js';
import { distanceWords, isPlaced, metresBetween, placeMap } from './map.js';
import { heading } from './screens.js';
import { coupons } from './wallet_home.js';
import { shopName, t } from './words.js';

const PAGES_MAX = 10;
const SHOWN_MAX = 100;
const PLACE_MS_MAX = 15_000;

async function activeShops(city) {
  const shops = [];
  let cursor = '';
  for (let page = 0; page < PAGES_MAX && cursor !== null; page++) {
    const found = await city.get(`/v1/merchants?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    shops.push(...found.items.filter((each) => each.status === 'active'));
    cursor = found.next;
  }
  return shops;
}

/** Whether a coupon's rules let this shop take it; what is not known of the rules does not hide a shop. */
export function takes(coupon, shop, district = null) {
  const { categories = 'any', districts = 'any', same_district: same = false } = coupon?.limits ?? {};
  return (categories === 'any' || categories.includes(shop.category))
    && (districts === 'any' || districts.includes(shop.district))
    && (!same || district === null || shop.district === district);
}

export async function placesScreen(showing, state, campaign) {
  const title = t('ใช้ได้ที่ไหน', 'Where it can be used');
  showing.draw(heading(title), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const [found, shops, pass] = await Promise.all([
    coupons(state), activeShops(state.city), state.city.signed(state.key, '/v1/me/pass').catch(() => null)]);
  const coupon = found.items.find((each) => String(each.campaign) === campaign) ?? null;
  const chosen = shops.filter((each) => coupon === null || takes(coupon, each, pass?.district ?? null));
  const place = el('div', { class: 'where' });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const near = button(t('เรียงจากใกล้ฉัน', 'Nearest to me first'), async () => {
    near.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังหาตำแหน่ง…', 'Finding where you are…')));
    const here = await whereIAm();
    near.disabled = false;
    told.replaceChildren(...here ? [] : [notice('bad', 'cross', t('หาตำแหน่งไม่ได้', 'Your place cannot be found.'),
      t('อนุญาตตำแหน่งในเบราว์เซอร์ หรือดูจากรายชื่อด้านล่าง', 'Allow it in the browser, or use the list below.'))]);
    if (here) draw(place, chosen, here);
  }, { kind: 'second', drawing: 'place' });
  showing.draw(heading(title), coupon && el('p', {}, couponName(coupon)),
    chosen.length ? [el('p', { class: 'small' }, t(`${chosen.length} ร้าน`, `${chosen.length} shops`)), near, told, place]
      : notice('busy', 'shop', t('ยังไม่มีร้านที่รับคูปองนี้', 'No shop takes this coupon yet.'), t('ดูอีกครั้งภายหลัง หรือถามเทศบาล', 'Look again later, or ask the city.')),
    link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' }));
  draw(place, chosen, null);
}

function whereIAm() {
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), () => resolve(null), { timeout: PLACE_MS_MAX, maximumAge: 60_000 });
  });
}

function draw(place, shops, here) {
  const name = (shop) => shopName({ th: shop.name_th, en: shop.name_en }, shop.merchant);
  const away = (shop) => (here && isPlaced(shop) ? metresBetween(here, shop) : Infinity);
  const shown = shops.map((shop) => ({ shop, away: away(shop) }))
    .sort((one, other) => (one.away === other.away ? one.shop.merchant - other.shop.merchant : one.away - other.away)).slice(0, SHOWN_MAX);
  const rows = shown.map(({ shop, away: metres }, index) => el('li', { class: 'row' },
    el('b', { class: 'pin-number' }, String(index + 1)),
    el('span', { class: 'grow' }, el('b', {}, name(shop)), el('span', { class: 'small' }, t(`เขต ${shop.district}`, `District ${shop.district}`),
      !isPlaced(shop) && t(' · ไม่มีพิกัด', ' · no place in the register'))),
    Number.isFinite(metres) && el('span', { class: 'number' }, distanceWords(metres))));
  const onMap = shown.some(({ shop }) => isPlaced(shop));
  place.replaceChildren(...[onMap && placeMap({
    places: shown.map(({ shop }) => ({ latitude: shop.latitude, longitude: shop.longitude, label: name(shop) })), here,
    choose: (_place, index) => {
      rows.forEach((each, at) => each.classList.toggle('chosen', at === index));
      rows[index].scrollIntoView({ block: 'center' });
    },
  }).element, el('ol', { class: 'rows' }, rows)].filter(Boolean));
}
