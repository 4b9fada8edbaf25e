// What the money did. Every figure can be downloaded, and each day compared with its anchor.

import { columns, lines, moneyBar, table, tile } from './charts.js';
import { el, icon, link, notice } from './dom.js';
import { read, readAll } from './public_city.js';
import { heading } from './screens.js';
import { LANG, baht, date, shopName, t } from './words.js';

const SHOPS_SHOWN = 20;
const nameOf = (campaign) => campaign.name?.[LANG] ?? t(`โครงการ ${campaign.campaign}`, `Campaign ${campaign.campaign}`);
const isPublic = ({ status }) => ['open', 'paused', 'closed'].includes(status);
const dayOf = (text) => date(Date.parse(`${text}T12:00:00+07:00`) / 1000);

export async function moneyScreen(showing) {
  const campaigns = (await readAll('/v1/campaigns')).filter(isPublic).reverse();
  const sum = (name) => campaigns.reduce((total, { money }) => total + Number(money[name]), 0);
  showing.draw(heading(t('เงินของเมืองทำอะไรไปบ้าง', 'What the city’s money did')),
    el('p', { class: 'lead' }, t('ตัวเลขทุกตัวบนหน้านี้มาจากบัญชีที่ใครก็ตรวจเองได้ ดาวน์โหลดได้ และไม่มีข้อมูลของบุคคลใด',
      'Every figure here comes from books that anybody can check, can be downloaded, and tells nothing of any person.')),
    campaigns.length ? el('div', { class: 'tiles' },
      tile(t('งบทุกโครงการ', 'Funded in all'), `${baht(sum('funded'))} ฿`), tile(t('ถึงร้านค้าแล้ว', 'Reached shops'), `${baht(sum('spent'))} ฿`, 'city'), tile(t('โครงการ', 'Campaigns'), String(campaigns.length)))
      : notice('busy', 'list', t('ยังไม่มีโครงการที่เปิดใช้', 'No campaign has opened yet.')),
    el('ul', { class: 'campaign-list' }, campaigns.map((each) => el('li', { class: `card ${each.status === 'closed' ? 'closed' : ''}` },
      el('h2', {}, nameOf(each)), moneyBar({ funded: Number(each.money.funded), spent: Number(each.money.spent) }),
      el('p', {}, t(`ถึงร้านค้าแล้ว ${baht(each.money.spent)} จาก ${baht(each.money.funded)} บาท`, `${baht(each.money.spent)} of ${baht(each.money.funded)} baht reached shops`)),
      link(t('ดูรายละเอียด', 'See more'), `#money/${each.campaign}`, { kind: 'second narrow' })))));
}

/** The anchors of the days by day, or null where this city writes none that can be read. */
async function anchorsByDay() {
  try {
    return new Map((await readAll('/v1/anchors')).map((each) => [each.date, each]));
  } catch {
    return null;
  }
}

export async function campaignMoney(showing, number) {
  const path = `/v1/campaigns/${encodeURIComponent(number)}`;
  const [campaign, figures, city, anchors] = await Promise.all([read(path), read(`${path}/figures`), read('/v1/city/days'), anchorsByDay()]);
  const part = (words, ...content) => el('section', { class: 'panel' }, el('h2', {}, words), content);
  const files = (name) => el('p', { class: 'row-actions' }, file('CSV', `${path}/figures?form=csv&table=${name}`), file('JSON', `${path}/figures`));
  showing.draw(heading(nameOf(campaign)),
    el('div', { class: 'tiles six' },
      tile(t('งบประมาณ', 'Funded'), `${baht(figures.funded)} ฿`), tile(t('ถึงร้านค้าแล้ว', 'Reached shops'), `${baht(figures.spent)} ฿`, 'city'), tile(t('เหลือ', 'Left'), `${baht(figures.left)} ฿`),
      tile(t('ครั้งที่ใช้', 'Times used'), String(figures.redemptions)), tile(t('คนที่ได้ใช้', 'People'), String(figures.passes)), tile(t('ร้านที่ได้รับ', 'Shops'), String(figures.shops.length))),
    moneyBar({ funded: Number(figures.funded), spent: Number(figures.spent) }),
    el('div', { class: 'beside even' },
      part(t('โครงการนี้เพื่ออะไร', 'What it is for'), campaign.sentences
        ? el('ol', { class: 'sentences' }, campaign.sentences[LANG].map((each) => el('li', {}, each))) : el('p', {}, t('ไม่มีเอกสารเงื่อนไขในระบบ', 'Its policy was never brought here.'))),
      part(t('ใช้เมื่อไร', 'When'), figures.days.length ? columns(figures.days.map((each) => ({ label: String(Number(each.day.slice(8))), amount: Number(each.amount), words: `${dayOf(each.day)}: ${baht(each.amount)} ฿` })),
        { title: t('ยอดต่อวัน เป็นบาท', 'By day, in baht'), every: Math.ceil(figures.days.length / 10) }) : el('p', {}, t('ยังไม่มีการใช้', 'Nothing was spent yet.')), figures.days.length > 0 && daysTable(figures.days), files('days')),
      part(t('ร้านใดได้รับ', 'Which shops'), lines(figures.shops.slice(0, SHOPS_SHOWN).map((each) => ({ name: shopName(each.name, each.merchant), value: Number(each.amount), words: `${baht(each.amount)} ฿` })), { list: 'ol' }),
        figures.shops.length > SHOPS_SHOWN && el('p', { class: 'small' }, t(`และอีก ${figures.shops.length - SHOPS_SHOWN} ร้านในไฟล์`, `and ${figures.shops.length - SHOPS_SHOWN} more in the file`)), files('shops')),
      part(t('ด้านใดของเมือง', 'Which side of the city'), lines(figures.domains.map((each) => ({ name: each.name[LANG], value: Number(each.amount), words: `${baht(each.amount)} ฿` }))),
        el('p', { class: 'small' }, t(`นับตามประเภทร้าน ใช้กรอบ 7 ด้านของปี ${Number(figures.taxonomy) + 543}`, `By kind of shop, under the seven domains of ${figures.taxonomy}.`)), files('domains')),
      part(t('ปฏิเสธเพราะอะไร', 'What was refused, and why'), figures.refusals.length
        ? lines(figures.refusals.map((each) => ({ name: each.name[LANG], value: each.refused, words: t(`${each.refused} ครั้ง`, `${each.refused} times`) })), { kind: 'bad' })
        : el('p', {}, t('ยังไม่มีรายการใดถูกปฏิเสธ', 'Nothing was refused.')), el('p', { class: 'small' }, t('ตัวเลขส่วนนี้จุดรับชำระเป็นผู้นับ ไม่อยู่บนเชน', 'Counted by the till: these alone are not on the chain.')), files('refusals')),
      el('section', { class: 'panel whole' }, el('h2', {}, t('ตรวจกับเชนได้อย่างไร', 'How to check it')), proof(figures, city, anchors), el('p', { class: 'row-actions' }, file('CSV', '/v1/city/days?form=csv'), file('JSON', '/v1/city/days')))),
    link(t('โครงการทั้งหมด', 'All campaigns'), '#', { kind: 'second narrow', drawing: 'back' }));
}

function daysTable(days) {
  return el('details', {}, el('summary', {}, t('ดูเป็นตาราง', 'As a table')), table(t('การใช้ทีละวัน', 'By day'), [
    { words: t('วัน', 'Day') }, { words: t('ครั้ง', 'Times'), number: true }, { words: t('บาท', 'Baht'), number: true }, { words: t('ยกเลิก (บาท)', 'Undone (baht)'), number: true }],
  days.map((each) => [dayOf(each.day), String(each.redemptions), baht(each.amount), baht(each.voided)])));
}

const file = (words, href) => el('a', { class: 'button second narrow', href, download: '' }, words);

/** Each day of the whole city beside the sums its anchor wrote to the chain; a day leads to its rows. */
function proof(figures, city, anchors) {
  const ours = new Map(figures.days.map((day) => [day.day, day.amount]));
  const rows = city.days.map((day) => {
    const anchor = anchors?.get(day.day);
    return [dayOf(day.day), baht(ours.get(day.day) ?? 0), baht(day.amount), anchor ? baht(anchor.amount) : '–', verdictOf(day, anchor),
      anchor ? el('a', { class: 'alone', href: `#day/${anchor.day}/${figures.campaign}` }, t('ตามรอย', 'Trace'), el('span', { class: 'unseen' }, ` ${dayOf(day.day)}`)) : '–'];
  });
  return [el('p', {}, t(`ตัวเลขนับถึงบล็อก ${figures.block} ทุกวันเมืองเขียนยอดรวมและรากของทุกรายการลงเชน ผลรวมของทุกโครงการในวันหนึ่งต้องเท่ากับที่เขียนไว้`,
    `Counted up to block ${figures.block}. Each day the city writes the day’s sum, and the root of all its entries, to the chain: all campaigns of a day must come to what was written.`)),
  rows.length ? table(t('ทุกโครงการรวมกัน ทีละวัน', 'All campaigns together, by day'), [
    { words: t('วัน', 'Day') }, { words: t('โครงการนี้ (฿)', 'This one (฿)'), number: true }, { words: t('ทุกโครงการ (฿)', 'All (฿)'), number: true }, { words: t('บนเชน (฿)', 'Chain (฿)'), number: true }, { words: t('ตรงกันหรือไม่', 'Agrees?') }, { words: t('รายการและราก', 'Rows and root') }], rows) : null,
  el('details', {}, el('summary', {}, t('ตรวจเองโดยไม่เชื่อเมือง', 'Check without trusting the city')), el('p', {}, t('สร้างบัญชีทั้งหมดขึ้นใหม่จากเชนด้วยคำสั่งนี้', 'Rebuild all of it from the chain with this command:')), el('p', {}, el('code', {}, 'nakhon audit verify --rpc …')),
    el('p', { class: 'small' }, t('ลายนิ้วมือเงื่อนไขของโครงการนี้', 'This campaign’s policy hash'), ' ', el('code', {}, figures.policy_hash)))];
}

function verdictOf(day, anchor) {
  if (!anchor) return el('span', { class: 'proof' }, icon('wait'), t('ยังไม่เขียน', 'not written yet'));
  const agrees = anchor.amount === day.amount && anchor.copay === day.copay && Number(anchor.leaves) === day.leaves;
  return el('span', { class: `proof ${agrees ? 'good' : 'bad'}` }, icon(agrees ? 'tick' : 'cross'), agrees ? t('ตรง', 'yes') : t('ไม่ตรง', 'NO'));
}
