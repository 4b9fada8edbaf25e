// One day, from a figure down to the chain: the figure, its rows, the root they make, the transaction.
// Sum and root are computed here, from the same file that can be downloaded.

import { table } from './charts.js';
import { el, icon, link, notice } from './dom.js';
import { read, readText } from './public_city.js';
import { heading } from './screens.js';
import { hex, leafOf, rootOf } from './verify_receipt.js';
import { LANG, baht, date, moment, shopName, t } from './words.js';

const ROWS_SHOWN = 50;
const ROWS_MAX = 100_000;
const VOID = 2;
const DAY_SECONDS = 86_400;
const BANGKOK_SECONDS = 25_200;

/** Every leaf of a day, as the city's file has them. Figures are whole numbers. */
async function leavesOf(day) {
  const found = [];
  for (let path = `/v1/anchors/${day}/leaves`; path && found.length < ROWS_MAX;) {
    const { text, next } = await readText(path);
    const [head, ...lines] = text.trim().split(/\r?\n/).map((each) => each.split(','));
    for (const line of lines) found.push(Object.fromEntries(head.map((name, at) => [name, Number(line[at])])));
    path = next;
  }
  return found;
}

export async function dayScreen(showing, dayText, campaignText) {
  const [day, number] = [Number(dayText), Number(campaignText)];
  const base = `/v1/campaigns/${encodeURIComponent(number)}`;
  const [campaign, figures, anchor, deployment] = await Promise.all([read(base), read(`${base}/figures`), read(`/v1/anchors/${day}`), read('/v1/deployment')]);
  const told = figures.days.find((each) => each.day === anchor.date) ?? { redemptions: 0, amount: '0', voided: '0' };
  const name = campaign.name?.[LANG] ?? t(`โครงการ ${number}`, `Campaign ${number}`);
  const place = el('div', { class: 'cards', 'aria-live': 'polite' }, notice('busy', 'wait', t('กำลังคำนวณจากทุกรายการของวัน…', 'Computing from every entry of the day…')));
  showing.draw(heading(t(`ตามรอยวันที่ ${dateOf(day)}`, `Tracing ${dateOf(day)}`)),
    el('p', { class: 'lead' }, t(`จากตัวเลขของ “${name}” ลงไปถึงรายการบนเชน เบราว์เซอร์นี้คำนวณเองทุกขั้น`, `From the figure of “${name}” down to what stands on the chain. This browser computes every step itself.`)),
    place, link(t('กลับไปที่โครงการ', 'Back to the campaign'), `#money/${number}`, { kind: 'second narrow', drawing: 'back' }));
  const leaves = anchor.leaves > ROWS_MAX ? null : await leavesOf(day);
  if (showing.current) place.replaceChildren(...steps({ day, number, told, anchor, leaves, deployment, shops: figures.shops }));
}

const dateOf = (day) => date(day * DAY_SECONDS - BANGKOK_SECONDS + DAY_SECONDS / 2);
const verdict = (good, yes, no) => el('p', { class: `proof ${good ? 'good' : 'bad'}` }, icon(good ? 'tick' : 'cross'), el('b', {}, good ? yes : no));
const step = (count, words, ...content) => el('section', { class: 'panel' }, el('h2', {}, `${count}. ${words}`), content);
const file = (words, href) => el('a', { class: 'button second narrow', href, download: '' }, words);

function steps({ day, number, told, anchor, leaves, deployment, shops }) {
  const figure = step(1, t('ตัวเลข', 'The figure'),
    el('p', {}, t(`โครงการนี้ถูกใช้ ${told.redemptions} ครั้ง เป็นเงิน ${baht(told.amount)} บาท ยกเลิก ${baht(told.voided)} บาท`,
      `This campaign was used ${told.redemptions} times for ${baht(told.amount)} baht; ${baht(told.voided)} baht were undone.`)));
  const whole = step(4, t('ธุรกรรมบนเชน', 'The transaction on the chain'),
    el('p', {}, t('รากและยอดรวมของวันอยู่ในบันทึก DayAnchored ของธุรกรรมนี้:', 'The day’s root and sums stand in the log DayAnchored of this transaction:')), el('p', {}, el('code', {}, anchor.tx_hash)),
    el('p', { class: 'small' }, t(`เขียนเมื่อ ${moment(anchor.anchored_at)} สัญญา AnchorLog`, `Written ${moment(anchor.anchored_at)}, by the contract AnchorLog`), ' ', el('code', {}, deployment.contracts.AnchorLog)),
    el('p', {}, t('ถามโหนดใดก็ได้โดยไม่ผ่านเมือง:', 'Ask any node, without the city:')), el('p', {}, el('code', {}, `cast receipt ${anchor.tx_hash} --rpc-url …`)),
    el('p', {}, t('หรือสร้างทุกวันขึ้นใหม่จากเชน:', 'Or make every day again from the chain:')), el('p', {}, el('code', {}, 'nakhon audit anchors --rpc …')));
  if (leaves === null) {
    return [figure, notice('busy', 'list', t(`วันนี้มี ${anchor.leaves} รายการ มากเกินกว่าจะคำนวณในเบราว์เซอร์ ใช้คำสั่งด้านล่าง`, `The day has ${anchor.leaves} entries, too many for a browser: use the command below.`)), whole];
  }
  const ours = leaves.filter((each) => each.campaign === number);
  const sum = (rows, kind) => rows.filter((each) => (each.kind === VOID) === (kind === VOID)).reduce((total, each) => total + each.amount, 0);
  const [spent, undone] = [sum(ours, 1), sum(ours, VOID)];
  const root = hex(rootOf(leaves.map(leafOf)));
  const same = root === anchor.root && leaves.length === anchor.leaves && sum(leaves, 1) === Number(anchor.amount);
  const names = new Map(shops.map((each) => [each.merchant, each.name]));
  return [figure,
    step(2, t('รายการที่รวมเป็นตัวเลขนี้', 'The rows it is the sum of'),
      verdict(String(spent) === told.amount && String(undone) === told.voided, t(`${ours.length} แถว รวมได้ ${baht(spent)} บาท ตรงกับตัวเลข`, `${ours.length} rows come to ${baht(spent)} baht, as the figure says`),
        t(`แถวรวมได้ ${baht(spent)} บาท ไม่ตรงกับตัวเลข`, `The rows come to ${baht(spent)} baht, which is NOT the figure`)),
      rowsOf(ours, names), ours.length > ROWS_SHOWN && el('p', { class: 'small' }, t(`และอีก ${ours.length - ROWS_SHOWN} แถวในไฟล์`, `and ${ours.length - ROWS_SHOWN} more in the file`)),
      el('p', { class: 'row-actions' }, file(t('ทุกแถวของวัน (CSV)', 'Every row of the day (CSV)'), `/v1/anchors/${day}/leaves`)),
      el('p', { class: 'small' }, t('บัตรเป็นหมายเลข ไม่มีชื่อของใคร จำนวนเงินในไฟล์เป็นสตางค์', 'A pass is a number, nobody’s name. Amounts in the file are satang.'))),
    step(3, t('รากของทุกแถว', 'The root of all rows'),
      el('p', {}, t(`ทุกโครงการในวันนี้มี ${leaves.length} แถว คำนวณในเบราว์เซอร์นี้ได้ราก`, `All campaigns of the day have ${leaves.length} rows. From them this browser computes the root`)), el('p', {}, el('code', {}, root)),
      verdict(same, t('ตรงกับรากที่เมืองเขียนลงเชน', 'It is the root the city wrote to the chain'), t(`ไม่ตรงกับรากบนเชน ${anchor.root}`, `It is NOT the root on the chain, ${anchor.root}`))),
    whole];
}

function rowsOf(rows, names) {
  return table(t('รายการของโครงการนี้', 'The rows of this campaign'), [
    { words: t('ลำดับ', 'Position'), number: true }, { words: t('ร้าน', 'Shop') }, { words: t('บัตร', 'Pass'), number: true }, { words: t('บิล (฿)', 'Bill (฿)'), number: true }, { words: t('เมืองจ่าย (฿)', 'City (฿)'), number: true }, { words: t('เมื่อ', 'When') }],
  rows.slice(0, ROWS_SHOWN).map((each) => [String(each.position + 1), shopName(names.get(each.merchant), each.merchant), String(each.pass), each.kind === VOID ? t('ยกเลิก', 'undone') : baht(each.bill),
    (each.kind === VOID ? '−' : '') + baht(each.amount), moment(each.kind === VOID ? each.voided_at : each.signed_at)]));
}
