// Shops near me. The place is asked for when one taps, stays in this page, and is sent nowhere.

import { button, el, notice } from './dom.js';
import { CATEGORIES } from './hall_words.js';
import { distanceWords, isPlaced, metresBetween, placeMap } from './map.js';
import { readAll } from './public_city.js';
import { heading } from './screens.js';
import { t, shopName } from './words.js';

const SHOWN = 100;
const PLACE_MS_MAX = 15_000;

export async function nearScreen(showing) {
  const shops = (await readAll('/v1/merchants')).filter((each) => each.status === 'active');
  const names = (shop) => shopName({ th: shop.name_th, en: shop.name_en }, shop.merchant);
  const state = { here: null, category: 'any' };
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const place = el('div', { class: 'beside even' });
  const kinds = [...new Set(shops.map((each) => each.category))];
  const kind = el('select', { id: 'kind', on: { change: () => {
    state.category = kind.value;
    draw();
  } } }, el('option', { value: 'any' }, t('ทุกประเภท', 'Any kind')), kinds.map((each) => el('option', { value: each }, CATEGORIES[each] ?? each)));
  const ask = button(t('เรียงจากใกล้ฉัน', 'Nearest to me first'), () => {
    ask.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังหาตำแหน่ง…', 'Finding where you are…')));
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      state.here = { latitude: coords.latitude, longitude: coords.longitude };
      told.replaceChildren();
      ask.disabled = false;
      draw();
    }, () => {
      told.replaceChildren(notice('bad', 'cross', t('หาตำแหน่งไม่ได้', 'Your place cannot be found.'), t('อนุญาตตำแหน่งในเบราว์เซอร์ หรือดูจากรายชื่อด้านล่าง', 'Allow it in the browser, or use the list below.')));
      ask.disabled = false;
    }, { timeout: PLACE_MS_MAX, maximumAge: 60_000 });
  }, { drawing: 'place', kind: 'main narrow' });
  const away = (shop) => (state.here && isPlaced(shop) ? metresBetween(state.here, shop) : Infinity);
  function draw() {
    const chosen = shops.filter((each) => state.category === 'any' || each.category === state.category)
      .sort((one, other) => (away(one) === away(other) ? one.merchant - other.merchant : away(one) - away(other))).slice(0, SHOWN);
    const rows = chosen.map((each, index) => el('li', { class: 'row', id: `shop-${index}` },
      el('b', { class: 'number' }, String(index + 1)),
      el('span', { class: 'grow' }, el('b', {}, names(each)), el('span', { class: 'small' }, CATEGORIES[each.category] ?? each.category, t(` · เขต ${each.district}`, ` · district ${each.district}`))),
      el('span', { class: 'number' }, Number.isFinite(away(each)) ? distanceWords(away(each)) : '')));
    const map = chosen.some(isPlaced) && placeMap({
      places: chosen.map((each) => ({ latitude: each.latitude, longitude: each.longitude, label: names(each) })), here: state.here,
      choose: (_place, index) => rows[index].scrollIntoView({ block: 'nearest' }),
    });
    place.replaceChildren(map ? map.element : notice('busy', 'shop', t('ร้านเหล่านี้ยังไม่มีพิกัดในทะเบียน', 'These shops have no place in the register.')),
      rows.length ? el('ol', { class: 'rows shops' }, rows) : notice('busy', 'list', t('ไม่มีร้านประเภทนี้', 'There is no such shop.')));
  }
  if (!shops.length) {
    return showing.draw(heading(t('ร้านใกล้ฉัน', 'Shops near me')),
      notice('busy', 'shop', t('ยังไม่มีร้านในทะเบียนของเมือง', 'The city has no shops in its register yet.'), t('ดูอีกครั้งเมื่อเมืองเปิดโครงการ', 'Look again when a campaign opens.')));
  }
  draw();
  return showing.draw(heading(t('ร้านใกล้ฉัน', 'Shops near me')),
    el('p', { class: 'small' }, t('ตำแหน่งของท่านใช้คำนวณในเครื่องนี้เท่านั้น ไม่ส่งไปที่ใด แผนที่วาดเอง ไม่ขอจากใคร', 'Your place is used in this browser only and sent nowhere. The map is drawn here; nobody is asked for it.')),
    el('div', { class: 'row-actions' }, ask, el('div', { class: 'field' }, el('label', { for: 'kind' }, t('ประเภทร้าน', 'Kind of shop')), kind)), told, place);
}
