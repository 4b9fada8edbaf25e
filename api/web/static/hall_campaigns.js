// Campaigns: all of them, one of them, and the steps of its life, each by the office it belongs to.

import { moneyBar } from './charts.js';
import { button, download, el, facts, icon, link, notice } from './dom.js';
import { all, get, getFile, may, order, post } from './hall_session.js';
import { OFFICES, STATES } from './hall_words.js';
import { again, heading, refusedNotice } from './screens.js';
import { LANG, baht, moment, satangOf, t } from './words.js';

export const nameOf = (campaign) => campaign.name?.[LANG] ?? t(`โครงการ ${campaign.campaign}`, `Campaign ${campaign.campaign}`);

export function badge(status) {
  const [words, kind, drawing] = STATES[status] ?? [status, '', 'list'];
  return el('span', { class: `badge ${kind}` }, icon(drawing), words);
}

export async function campaignsScreen(showing) {
  const campaigns = await all('/v1/campaigns');
  campaigns.reverse();
  showing.draw(heading(t('โครงการ', 'Campaigns')),
    may('campaign_officer') && el('div', { class: 'row-actions' }, link(t('ร่างโครงการใหม่', 'Draft a campaign'), '#new', { drawing: 'card', kind: 'main narrow' })),
    campaigns.length
      ? el('ul', { class: 'campaign-list' }, campaigns.map((each) => el('li', { class: `card ${each.status === 'closed' ? 'closed' : ''}` },
        badge(each.status), el('h2', {}, nameOf(each)), moneyBar(figures(each)),
        el('p', { class: 'small' }, t(`ใช้แล้ว ${baht(each.money.spent)} จาก ${baht(each.money.funded)} บาท`, `${baht(each.money.spent)} of ${baht(each.money.funded)} baht spent`)),
        link(t('เปิดดู', 'Open'), `#campaign/${each.campaign}`, { kind: 'second narrow' }))))
      : notice('busy', 'list', t('ยังไม่มีโครงการ', 'There is no campaign yet.'), t('เจ้าหน้าที่โครงการร่างได้จากปุ่ม “ร่างโครงการใหม่”', 'A campaign officer drafts one.')));
}

export const figures = ({ money }) => ({ funded: Number(money.funded), spent: Number(money.spent), pending: Number(money.pending) });

const STEPS = {
  drafted: [{ name: 'approve', role: 'approver', words: t('อนุมัติโครงการนี้', 'Approve this campaign'), drawing: 'tick',
    says: t('ท่านรับรองว่าได้อ่านเงื่อนไขทุกข้อข้างต้น', 'You confirm that you have read every rule above.') }],
  approved: [{ name: 'issue', role: 'issuer', words: t('ให้สิทธิ์และเปิดใช้', 'Issue and open'), drawing: 'card',
    says: t('ผู้มีสิทธิ์จะใช้คูปองได้ทันทีที่ถึงเวลาเริ่ม', 'Those entitled can spend as soon as it starts.') }],
  open: [{ name: 'pause', role: 'guardian', words: t('หยุดชั่วคราว', 'Pause'), drawing: 'cross',
    says: t('สิ่งที่ลงลายเซ็นหลังจากนี้จะถูกปฏิเสธ ที่ลงไว้แล้วยังนับ', 'What is signed from now on is refused; what was signed before counts.') }],
  paused: [{ name: 'resume', role: 'approver', words: t('เปิดใช้ต่อ', 'Resume'), drawing: 'undo',
    says: t('คูปองใช้ได้ต่อทันที', 'Coupons can be spent again at once.') }],
  closed: [],
};
const NEXT = { drafted: ['approver'], approved: ['issuer'], open: [], paused: ['approver'], closed: [] };

export async function campaignScreen(showing, number) {
  const campaign = await get(`/v1/campaigns/${encodeURIComponent(number)}`);
  const { money, terms } = campaign;
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const steps = (STEPS[campaign.status] ?? []).filter((step) => may(step.role));
  const waits = (NEXT[campaign.status] ?? []).filter((role) => !may(role)).map((role) => OFFICES[role]);
  showing.draw(heading(nameOf(campaign)), el('p', {}, badge(campaign.status)),
    el('div', { class: 'beside' },
      el('section', { class: 'panel' }, el('h2', {}, t('เงื่อนไขที่ประชาชนจะอ่าน', 'The rules, as people will read them')), sentences(campaign)),
      el('div', { class: 'cards' },
        el('section', { class: 'panel' }, el('h2', {}, t('เงิน', 'Money')), moneyBar(figures(campaign)), facts([
          [t('งบประมาณ', 'Funded'), `${baht(money.funded)} ฿`], [t('ใช้แล้ว', 'Spent'), `${baht(money.spent)} ฿`],
          [t('กำลังขึ้นเชน', 'On its way'), `${baht(money.pending)} ฿`], [t('เหลือ', 'Left'), `${baht(money.left)} ฿`]], 'tight'),
        link(t('ดูการใช้จ่ายสด', 'Watch it live'), `#live/${campaign.campaign}`, { kind: 'onward', drawing: 'show' }), accountPart(campaign, told)),
        el('section', { class: 'panel' }, el('h2', {}, t('ขั้นตอน', 'Steps')), facts([
          [t('เริ่ม', 'Starts'), moment(terms.starts)], [t('สิ้นสุด', 'Ends'), moment(terms.ends)]], 'tight'),
        waits.length ? el('p', { class: 'notice busy' }, icon('wait'), t(`รอ${waits.join(', ')}`, `Waits for: ${waits.join(', ')}`)) : null,
        steps.map((step) => stepPart(showing, campaign, step, told)),
        may('treasurer') && campaign.status !== 'closed' && fundPart(showing, campaign, told), told))),
    replayPart(showing, campaign));
}

/** Who is to approve a draft sees what it would have done, as the one who wrote it did. */
function replayPart(showing, campaign) {
  if (campaign.status !== 'drafted' || !campaign.sentences || !may('approver', 'campaign_officer')) return null;
  const place = el('div', { class: 'cards', 'aria-live': 'polite' });
  const tryIt = async () => {
    pressed.disabled = true;
    place.replaceChildren(notice('busy', 'wait', t('กำลังลองกับทุกรายการที่ผ่านมา…', 'Trying it on everything that happened…')));
    try {
      const [{ replayReport }, report] = await Promise.all([import('./hall_replay.js'), post('/v1/policies/replay', { policy: campaign.policy_hash })]);
      if (showing.current) place.replaceChildren(...replayReport(report));
    } catch (refused) {
      place.replaceChildren(refusedNotice(refused));
    }
    pressed.disabled = false;
  };
  const pressed = button(t('ลองกับข้อมูลย้อนหลัง', 'Try it on the past'), tryIt, { kind: 'second narrow', drawing: 'undo' });
  return [el('div', { class: 'row-actions' }, pressed), place];
}

/** What went in, what came of it and what is left, as a document for the file. */
function accountPart(campaign, told) {
  if (!may('treasurer', 'approver', 'campaign_officer') || !['open', 'paused', 'closed'].includes(campaign.status)) return null;
  const fetchIt = async () => {
    pressed.disabled = true;
    try {
      const { name, blob } = await getFile(`/v1/campaigns/${campaign.campaign}/account?form=pdf`);
      download(name, blob);
      told.replaceChildren(notice('good', 'tick', t(`ได้ไฟล์ ${name}`, `Downloaded ${name}`)));
    } catch (refused) {
      told.replaceChildren(refusedNotice(refused));
    }
    pressed.disabled = false;
  };
  const pressed = button(t('บัญชีของโครงการ (PDF)', 'The campaign’s account (PDF)'), fetchIt, { kind: 'second', drawing: 'print' });
  return pressed;
}

function sentences(campaign) {
  if (!campaign.sentences) return notice('bad', 'cross', t('ไม่มีเอกสารเงื่อนไขของโครงการนี้ในระบบ', 'The policy of this campaign was never brought here.'));
  return [el('ol', { class: 'sentences' }, campaign.sentences[LANG].map((each) => el('li', {}, each))),
    el('details', {}, el('summary', {}, t('ลายนิ้วมือเงื่อนไขบนเชน', 'The policy’s hash on the chain')), el('code', {}, campaign.policy_hash))];
}

/** What is not easily undone is pressed twice: once to read what it does, once to do it. */
export function pressedTwice(words, says, act, look) {
  const place = el('div', { class: 'actions' });
  const ask = () => {
    const sure = button(t(`ยืนยัน: ${words}`, `Confirm: ${words}`), () => act(place), { drawing: look.drawing });
    place.replaceChildren(el('p', {}, says), sure, button(t('ยังไม่ทำ', 'Not yet'), () => rest().focus(), { kind: 'second' }));
    sure.focus();
  };
  const rest = () => {
    const first = button(words, ask, look);
    place.replaceChildren(first);
    return first;
  };
  rest();
  return place;
}

function stepPart(showing, campaign, step, told, options = {}) {
  const path = `/v1/campaigns/${campaign.campaign}/${step.name}`;
  return pressedTwice(step.words, step.says, (place) => perform(showing, path, undefined, told, place, options), { drawing: step.drawing, 'data-step': step.name });
}

/** To stop a running campaign and let it go on, for whoever may; the others read who can. */
export function brakePart(showing, campaign, status, told, then) {
  const steps = ['open', 'paused'].includes(status) ? STEPS[status] : [];
  return steps.map((step) => (may(step.role) ? stepPart(showing, campaign, step, told, { then })
    : el('p', { class: 'small' }, t(`“${step.words}” ทำได้โดย: ${OFFICES[step.role]}`, `“${step.words}” is for the ${OFFICES[step.role]}.`))));
}

/** Give an order, say how far it has come, and show the screen anew when the chain has it. */
export async function perform(showing, path, body, told, place, options = {}) {
  for (const each of place.querySelectorAll('button')) each.disabled = true;
  const say = (done, total) => told.replaceChildren(notice('busy', 'wait', total > 1
    ? t(`ส่งคำสั่งแล้ว รอเชนบันทึก (${done}/${total})…`, `Ordered; waiting for the chain (${done}/${total})…`)
    : t('ส่งคำสั่งแล้ว รอเชนบันทึก…', 'Ordered; waiting for the chain…')));
  say(0, 1);
  try {
    const last = await order(path, body, { told: say, current: () => showing.current, ...options });
    if (showing.current) (options.then ?? again)(last);
  } catch (refused) {
    told.replaceChildren(refusedNotice(refused));
    for (const each of place.querySelectorAll('button')) each.disabled = false;
  }
}

function fundPart(showing, campaign, told) {
  const field = el('input', { id: 'fund', inputmode: 'decimal', autocomplete: 'off', required: true });
  const form = el('form', {
    on: {
      submit: (event) => {
        event.preventDefault();
        const amount = satangOf(field.value);
        if (amount === null) return told.replaceChildren(notice('bad', 'cross', t('จำนวนเงินไม่ถูกต้อง', 'That is no amount.')));
        return perform(showing, `/v1/campaigns/${campaign.campaign}/fund`, { amount: String(amount) }, told, form);
      },
    },
  }, el('label', { for: 'fund' }, t('ใส่งบจากบัญชีเหรัญญิก (บาท)', 'Fund from the treasurer’s account (baht)')), field,
  el('button', { type: 'submit', class: 'button second' }, t('ใส่งบ', 'Fund')));
  return form;
}
