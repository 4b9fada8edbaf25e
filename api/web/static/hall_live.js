// A running campaign as it runs: read again every few seconds, drawn anew only where it changed.

import { columns, lines, moneyBar, table, tile } from './charts.js';
import { badge, brakePart, nameOf } from './hall_campaigns.js';
import { get } from './hall_session.js';
import { el, link, notice } from './dom.js';
import { isPlaced, placeMap } from './map.js';
import { heading, refusedNotice } from './screens.js';
import { LANG, baht, clock, shopName, t } from './words.js';

const LOOK_EVERY_SECONDS = 4;
const SHOPS_SHOWN = 10;

export async function liveScreen(showing, number) {
  const campaign = await get(`/v1/campaigns/${encodeURIComponent(number)}`);
  const part = (name) => el('div', { 'data-part': name });
  const parts = Object.fromEntries(['state', 'brake', 'money', 'hours', 'refusals', 'map', 'shops'].map((name) => [name, part(name)]));
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const drawn = {};
  /** A part is drawn anew only when its figures are others: nothing moves under a finger or an eye. */
  const draw = (name, figures, make) => {
    const now = JSON.stringify(figures);
    if (drawn[name] === now) return;
    drawn[name] = now;
    parts[name].replaceChildren(...[make()].flat());
  };
  const sheet = (words, name) => el('section', { class: 'panel' }, el('h2', {}, words), parts[name]);
  // What is said of an order stands until the campaign's state is another.
  const ordered = el('div', { class: 'told', 'aria-live': 'polite' });
  const look = async () => {
    try {
      const live = await get(`/v1/campaigns/${campaign.campaign}/live`);
      if (!showing.current) return;
      told.replaceChildren();
      show(live, draw);
      draw('brake', live.status, () => {
        ordered.replaceChildren();
        return brakePart(showing, campaign, live.status, ordered, carriedOut);
      });
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused, 'busy'));
    }
  };
  const carriedOut = async () => {
    await look();
    title.focus({ preventScroll: true });
  };
  const title = heading(nameOf(campaign));
  showing.draw(title, parts.state, told, parts.brake, ordered, parts.money,
    el('div', { class: 'beside even' },
      sheet(t('วันนี้ตามชั่วโมง', 'Today, by hour'), 'hours'),
      sheet(t('ปฏิเสธเพราะอะไร', 'Refused by which rule'), 'refusals'),
      sheet(t('ใช้ที่ไหน', 'Where'), 'map'),
      sheet(t('ร้านที่รับมากที่สุด', 'Shops that took most'), 'shops')),
    link(t('กลับไปที่โครงการ', 'Back to the campaign'), `#campaign/${campaign.campaign}`, { kind: 'second narrow', drawing: 'back' }));
  // Not waited for: the screen is shown, and its heading has the focus, before it is read again.
  showing.repeat(LOOK_EVERY_SECONDS, look);
}

function show(live, draw) {
  const { money, hours, shops, refusals } = live;
  draw('state', [live.status, live.at], () => el('p', { class: 'legend' }, badge(live.status), el('span', { class: 'small' }, t(`เวลาของเมือง ${clock(live.at)}`, `The city’s time ${clock(live.at)}`))));
  draw('money', [money, live.passes, shops.length], () => [
    el('div', { class: 'tiles' }, tile(t('ใช้แล้ว', 'Spent'), `${baht(money.spent)} ฿`, 'city'), tile(t('กำลังขึ้นเชน', 'On its way'), `${baht(money.pending)} ฿`),
      tile(t('เหลือ', 'Left'), `${baht(money.left)} ฿`), tile(t('ผู้ใช้สิทธิ์', 'People'), String(live.passes)), tile(t('ร้าน', 'Shops'), String(shops.length))),
    moneyBar({ funded: Number(money.funded), spent: Number(money.spent), pending: Number(money.pending) }),
    el('p', { class: 'legend small' }, dot('', t('ใช้แล้ว', 'spent')), dot('pending', t('กำลังขึ้นเชน', 'on its way')), dot('rest', t('เหลือ', 'left')))]);
  const now = new Date((live.at + 7 * 3600) * 1000).getUTCHours();
  draw('hours', [hours, now], () => (hours.every((each) => each.redemptions === 0) ? el('p', {}, t('วันนี้ยังไม่มีการใช้', 'Nothing has been spent today.')) : [columns(hours.map((each) => ({
    label: String(each.hour).padStart(2, '0'), amount: Number(each.amount), words: t(`${each.hour} น.: ${baht(each.amount)} บาท ${each.redemptions} ครั้ง`, `${each.hour}:00: ${baht(each.amount)} baht, ${each.redemptions} times`),
  })), { title: t('ยอดวันนี้ตามชั่วโมง เป็นบาท', 'Today by hour, in baht'), every: 3, now }),
  el('details', {}, el('summary', {}, t('ดูเป็นตาราง', 'As a table')), table(t('วันนี้ตามชั่วโมง', 'Today, by hour'),
    [{ words: t('ชั่วโมง', 'Hour') }, { words: t('ครั้ง', 'Times'), number: true }, { words: t('บาท', 'Baht'), number: true }],
    hours.filter((each) => each.redemptions).map((each) => [`${String(each.hour).padStart(2, '0')}:00`, String(each.redemptions), baht(each.amount)])))]));
  draw('refusals', refusals, () => (refusals.length
    ? lines(refusals.map((each) => ({ name: each.name[LANG], value: each.refused, words: t(`${each.refused} ครั้ง ${each.passes} คน`, `${each.refused} times, ${each.passes} people`) })), { kind: 'bad' })
    : el('p', {}, t('ยังไม่มีรายการใดถูกปฏิเสธ', 'Nothing has been refused.'))));
  const most = Math.max(...shops.map((each) => Number(each.amount)), 1);
  const places = shops.map((each) => ({ latitude: each.latitude, longitude: each.longitude, label: shopName(each.name, each.merchant), size: Number(each.amount) / most }));
  draw('map', places, () => (places.some(isPlaced) ? placeMap({ places }).element
    : notice('busy', 'shop', t('ร้านที่รับแล้วยังไม่มีพิกัดในทะเบียน', 'The shops that took something have no place in the register.'))));
  draw('shops', shops, () => (shops.length
    ? lines(shops.slice(0, SHOPS_SHOWN).map((each, index) => ({ name: `${index + 1}. ${shopName(each.name, each.merchant)}`, value: Number(each.amount), words: `${baht(each.amount)} ฿` })), { list: 'ol' })
    : el('p', {}, t('ยังไม่มีร้านใดรับ', 'No shop has taken anything yet.'))));
}

const dot = (kind, words) => el('span', {}, el('span', { class: `dot ${kind}`, 'aria-hidden': 'true' }), words);
