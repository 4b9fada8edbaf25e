// Rounds: closing the books, a second person's approval, the bank's file, and its answer.

import { table } from './charts.js';
import { button, download, el, facts, icon, link, notice } from './dom.js';
import { pressedTwice } from './hall_campaigns.js';
import { all, get, getFile, may, post } from './hall_session.js';
import { pickFile } from './pick_file.js';
import { again, go, heading, refusedNotice } from './screens.js';
import { baht, date, moment, satangOf, shopName, t } from './words.js';

const NEUTRAL = 'iso20022';
const LOOK_EVERY_MS = 2_000;

const ROUND_STATES = {
  made: [t('ทำแล้ว รออนุมัติ', 'Made, to be approved'), 'busy', 'wait'],
  approved: [t('อนุมัติแล้ว', 'Approved'), 'good', 'tick'],
  withdrawn: [t('ถอนแล้ว', 'Withdrawn'), 'bad', 'undo'],
};
/** Where a round is on its way over the chain, for as long as it is on the way. */
const ON_THE_WAY = {
  ordered: t('กำลังส่งขึ้นเชน', 'on its way to the chain'), made: t('เชนรับแล้ว รออนุมัติบนเชน', 'made on the chain'),
  approved: t('กำลังบันทึกรายการบนเชน', 'its lines are being settled'), settled: t('บันทึกแล้ว รอให้แน่นอน', 'settled, not yet final'),
};
const PAYMENTS = {
  ordered: t('สั่งโอนแล้ว', 'ordered'), paid: t('ถึงร้านแล้ว', 'paid'), returned: t('ธนาคารคืน', 'returned'),
};
const CARRIED = {
  suspended: t('ร้านถูกระงับ', 'the shop is suspended'), in_debt: t('ร้านยังค้างคืน', 'the shop owes'),
  voided_after: t('ยกเลิกหลังจ่าย', 'voided after payment'), bank_details_missing: t('ไม่มีบัญชีธนาคาร', 'no bank details'),
  below_minimum: t('ต่ำกว่าขั้นต่ำ', 'below the minimum'),
};

function badge(status) {
  const [words, kind, drawing] = ROUND_STATES[status] ?? [status, '', 'list'];
  return el('span', { class: `badge ${kind}` }, icon(drawing), words);
}

const DECIDED = { approved: t('ผู้อนุมัติ', 'Approved by'), withdrawn: t('ผู้ถอน', 'Withdrawn by') };
const dayOf = (text) => date(Date.parse(`${text}T12:00:00+07:00`) / 1000);
const signed = (satang) => (Number(satang) < 0 ? `−${baht(-Number(satang))}` : baht(satang));

/** Do something, say that it is under way, and what was refused. */
async function attempt(told, place, work) {
  for (const each of place.querySelectorAll('button, input')) each.disabled = true;
  told.replaceChildren(notice('busy', 'wait', t('กำลังทำ…', 'Working…')));
  try {
    await work();
  } catch (refused) {
    told.replaceChildren(refusedNotice(refused));
  }
  for (const each of place.querySelectorAll('button, input')) each.disabled = false;
}

export async function roundsScreen(showing) {
  if (!may('treasurer', 'approver', 'registrar')) {
    showing.draw(heading(t('รอบจ่าย', 'Rounds')), notice('busy', 'key', t('เหรัญญิกและผู้อนุมัติเท่านั้นที่เห็นรอบจ่าย', 'Only the treasurer and the approver see rounds.')));
    return;
  }
  const rounds = may('treasurer', 'approver') ? await all('/v1/rounds') : [];
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  showing.draw(heading(t('รอบจ่าย', 'Rounds')),
    may('treasurer') && el('div', { class: 'beside even' }, makePart(told), answerPart()), told,
    may('treasurer', 'approver') && (rounds.length
      ? el('ul', { class: 'campaign-list' }, rounds.map((each) => el('li', { class: `card ${each.status === 'withdrawn' ? 'closed' : ''}` }, badge(each.status),
        el('h2', {}, t(`รอบ ${each.round}`, `Round ${each.round}`)), el('p', { class: 'figure' }, `${baht(each.total)} ฿`),
        el('p', { class: 'small' }, moment(each.made_at)), link(t('เปิดดู', 'Open'), `#round/${each.round}`, { kind: 'second narrow' }))))
      : notice('busy', 'list', t('ยังไม่มีรอบจ่าย', 'There is no round yet.'), t('รายการที่เมืองรับแล้วจ่ายได้ในวันทำการถัดไป', 'What is final can be paid on the next business day.'))),
    may('registrar', 'treasurer') && bankPart());
}

function makePart(told) {
  const minimum = el('input', { id: 'minimum', inputmode: 'decimal', autocomplete: 'off', placeholder: '0' });
  const leg = (name, words) => el('label', {}, Object.assign(el('input', { type: 'checkbox', value: name }), { checked: true }), words);
  const legs = el('fieldset', { class: 'ticks' }, el('legend', {}, t('จ่ายส่วนใด', 'Whose money')), leg('city', t('ส่วนของเมือง', 'the city’s share')), leg('copay', t('ส่วนที่ประชาชนร่วมจ่าย', 'the residents’ copay')));
  const form = el('form', {
    class: 'panel',
    on: {
      submit: (event) => {
        event.preventDefault();
        const chosen = [...legs.querySelectorAll('input:checked')].map((each) => each.value);
        return attempt(told, form, async () => {
          const made = await post('/v1/rounds', { legs: chosen, minimum: String(satangOf(minimum.value) ?? 0) });
          go(`#round/${made.round}`);
        });
      },
    },
  }, el('h2', {}, t('ทำรอบใหม่', 'Make a round')), legs, el('label', { for: 'minimum' }, t('จ่ายร้านละไม่น้อยกว่า (บาท)', 'At least so much a shop (baht)')), minimum,
  el('button', { type: 'submit', class: 'button main' }, t('ปิดบัญชีวันนี้', 'Close today’s books')));
  return form;
}

function answerPart() {
  const told = el('div', { class: 'cards', 'aria-live': 'polite' });
  const file = pickFile(t('เลือกไฟล์คำตอบ', 'Choose the bank’s file'), { id: 'answer', accept: '.xml,.csv,.txt', required: true });
  const layout = el('input', { id: 'answer-layout', value: NEUTRAL, pattern: '[a-z0-9_]{1,64}', required: true, autocomplete: 'off' });
  const form = el('form', {
    class: 'panel',
    on: {
      submit: (event) => {
        event.preventDefault();
        return attempt(told, form, async () => {
          const type = layout.value === NEUTRAL ? 'application/xml' : 'text/csv';
          const taken = await post(`/v1/rounds/answers?layout=${layout.value}`, await file.input.files[0].arrayBuffer(), { type });
          const paid = taken.changes.filter((each) => each.status === 'paid').length;
          const back = taken.changes.filter((each) => each.status === 'returned');
          told.replaceChildren(notice(back.length ? 'busy' : 'good', back.length ? 'undo' : 'tick', taken.repeated
            ? t('คำตอบนี้รับไว้แล้วก่อนหน้านี้ ไม่มีอะไรเปลี่ยน', 'This answer was taken before; nothing changed.')
            : t(`รอบ ${taken.round}: ถึงร้านแล้ว ${paid} รายการ ธนาคารคืน ${back.length} รายการ`, `Round ${taken.round}: ${paid} paid, ${back.length} returned.`)),
          back.length ? el('ul', {}, back.map((each) => el('li', {}, t(`ร้าน ${each.merchant}: ${each.reason}`, `Shop ${each.merchant}: ${each.reason}`)))) : '',
          link(t(`เปิดรอบ ${taken.round}`, `Open round ${taken.round}`), `#round/${taken.round}`, { kind: 'second narrow' }));
        });
      },
    },
  }, el('h2', {}, t('รับคำตอบจากธนาคาร', 'Take the bank’s answer')), file.field,
  el('details', {}, el('summary', {}, t('รูปแบบไฟล์อื่น', 'Another layout')), el('label', { for: 'answer-layout' }, t('ชื่อรูปแบบ', 'Layout')), layout),
  el('button', { type: 'submit', class: 'button second' }, t('อ่านคำตอบ', 'Read the answer')), told);
  return form;
}

function bankPart() {
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const field = (id, words, rest = {}) => el('div', { class: 'field' }, el('label', { for: id }, words), el('input', { id, required: true, autocomplete: 'off', ...rest }));
  const whose = may('registrar') ? field('bank-shop', t(may('treasurer') ? 'ร้านหมายเลข (0 = บัญชีของเมือง)' : 'ร้านหมายเลข', may('treasurer') ? 'Shop number (0: the city’s own)' : 'Shop number'), { type: 'number', min: may('treasurer') ? 0 : 1 }) : null;
  const form = el('form', {
    class: 'panel',
    on: {
      submit: (event) => {
        event.preventDefault();
        const value = (id) => form.querySelector(`#${id}`).value.trim();
        const shop = whose ? Number(value('bank-shop')) : 0;
        return attempt(told, form, async () => {
          const kept = await post(shop ? `/v1/merchants/${shop}/bank` : '/v1/city/bank', { bank: value('bank-code'), number: value('bank-number'), name: value('bank-name') });
          told.replaceChildren(notice('good', 'tick', t(`เก็บบัญชีแล้ว: ${kept.name}`, `Kept: ${kept.name}`)));
        });
      },
    },
  }, el('h2', {}, whose ? t('บัญชีธนาคารของร้าน', 'A shop’s bank account') : t('บัญชีธนาคารของเมือง', 'The city’s bank account')),
  el('div', { class: 'pair' }, whose, field('bank-code', t('รหัสธนาคาร 3 หลัก', 'Bank, 3 digits'), { pattern: '[0-9]{3}', inputmode: 'numeric' }),
    field('bank-number', t('เลขบัญชี', 'Account number'), { inputmode: 'numeric' }), field('bank-name', t('ชื่อบัญชี', 'Name of the account'))),
  el('button', { type: 'submit', class: 'button second' }, t('เก็บบัญชี', 'Keep it')), told);
  return form;
}

export async function roundScreen(showing, number) {
  const path = `/v1/rounds/${encodeURIComponent(number)}`;
  const [round, lines] = [await get(path), await all(`${path}/lines`)];
  follow(showing, path, round);
  const told = el('div', { class: 'cards', 'aria-live': 'polite' });
  const steps = el('div', { class: 'actions' });
  const act = (words, says, name, body, options) => pressedTwice(words, says, () => attempt(told, steps, async () => {
    await post(`${path}/${name}`, body);
    told.replaceChildren();
    again();
  }), options);
  const layout = el('input', { id: 'layout', value: NEUTRAL, pattern: '[a-z0-9_]{1,64}', autocomplete: 'off' });
  if (round.status === 'made' && may('approver')) steps.append(act(t('อนุมัติรอบนี้', 'Approve this round'),
    t(`ท่านรับรองว่าได้ตรวจทุกรายการแล้ว เมืองจะจ่ายร้านค้ารวม ${baht(round.total)} บาท และถอนไม่ได้อีก`, `You confirm that you checked every line. The city will pay ${baht(round.total)} baht, and the round cannot be withdrawn any more.`),
    'approve', { hash: round.hash }, { drawing: 'tick', 'data-step': 'approve' }));
  if (round.status === 'made') steps.append(act(t('ถอนรอบนี้', 'Withdraw it'),
    t('ไม่มีใครได้รับเงินจากรอบนี้ รายการทั้งหมดรอรอบใหม่', 'Nobody is paid by this round. Every line waits for another.'), 'withdraw', undefined, { kind: 'second', drawing: 'undo' }));
  const way = round.status === 'approved' ? ON_THE_WAY[round.chain] : null;
  if (round.status === 'approved' && round.chain === 'final' && may('treasurer')) {
    steps.append(button(t('รับไฟล์สำหรับธนาคาร', 'Download the bank’s file'), () => attempt(told, steps, async () => {
      const { name, blob } = await getFile(`${path}/file?layout=${encodeURIComponent(layout.value)}`);
      download(name, blob);
      told.replaceChildren(notice('good', 'tick', t(`ได้ไฟล์ ${name}`, `Downloaded ${name}`)));
    }), { drawing: 'card', 'data-step': 'file' }),
    el('details', {}, el('summary', {}, t('รูปแบบไฟล์อื่น', 'Another layout')), el('label', { for: 'layout' }, t('ชื่อรูปแบบ', 'Layout')), layout));
  }
  const waits = round.status === 'made' && !may('approver');
  showing.draw(el('p', { class: 'print-only' }, document.body.dataset.city), heading(t(`รอบ ${round.round}`, `Round ${round.round}`)), el('p', {}, badge(round.status)),
    el('div', { class: 'beside' }, el('section', { class: 'panel' }, table(t('รายการของรอบนี้', 'The lines of this round'), [
      { words: t('ร้าน', 'Shop') }, { words: t('บาท', 'Baht'), number: true }, { words: t('สถานะ และบัญชี', 'State and account') }, { words: t('ใบแจ้งยอด', 'Statement'), kind: 'no-print' }],
    lines.map((each) => [`${each.merchant}. ${shopName(each.shop, each.merchant)}`, signed(each.amount), [stateOf(each), each.name && [el('br'), el('span', { class: 'small' }, `${each.name} · ${each.number}`)]], statement(told, each.merchant)]))),
    el('div', { class: 'cards' }, el('section', { class: 'panel' }, el('p', { class: 'figure' }, `${baht(round.total)} ฿`), facts([
      [t('วันที่ปิดบัญชี', 'Day'), dayOf(round.day)],
      [t('ผู้ทำ', 'Made by'), round.made_by_name ?? round.made_by], [t('ทำเมื่อ', 'Made'), moment(round.made_at)],
      round.decided_at && [DECIDED[round.status], round.decided_by_name ?? round.decided_by], round.decided_at && [t('เมื่อ', 'On'), moment(round.decided_at)]], 'tight'),
    el('p', { class: 'small' }, t('ลายนิ้วมือของรอบ', 'The round’s hash'), ' ', el('code', {}, round.hash)),
    way ? el('p', { class: 'notice busy', role: 'status' }, icon('wait'), t(`${way} (${round.pages_settled ?? 0}/${round.pages ?? '–'} หน้า)`, `${way} (${round.pages_settled ?? 0}/${round.pages ?? '–'} pages)`)) : null,
    round.refused ? notice('bad', 'cross', t(`เชนปฏิเสธรอบนี้: ${round.refused}`, `The chain refused this round: ${round.refused}`)) : null,
    waits ? el('p', { class: 'notice busy' }, icon('wait'), t('รอผู้อนุมัติ ซึ่งต้องเป็นคนละคนกับผู้ทำ', 'Waits for an approver, who must be another person.')) : null, steps, told))),
    el('div', { class: 'print-only signed' }, [t('ผู้ทำ', 'Made by'), t('ผู้อนุมัติ', 'Approved by')].map((who) => el('p', {}, t('ลงชื่อ', 'Signed'), ' ………………………………… ', who))),
    el('div', { class: 'row-actions' }, button(t('พิมพ์', 'Print'), () => window.print(), { kind: 'second narrow' }), link(t('รอบทั้งหมด', 'All rounds'), '#rounds', { kind: 'second narrow', drawing: 'back' })));
}

/** The shop's own statement, as the shop itself sees it, to print or to calculate with. */
function statement(told, merchant) {
  const place = el('div', { class: 'row-actions' });
  for (const form of ['pdf', 'xlsx']) {
    place.append(button(form.toUpperCase(), () => attempt(told, place, async () => {
      const { name, blob } = await getFile(`/v1/statements/${merchant}?form=${form}`);
      download(name, blob);
      told.replaceChildren(notice('good', 'tick', t(`ได้ไฟล์ ${name}`, `Downloaded ${name}`)));
    }), { kind: 'second narrow', 'aria-label': t(`ใบแจ้งยอดร้าน ${merchant} เป็น ${form.toUpperCase()}`, `Statement of shop ${merchant} as ${form.toUpperCase()}`) }));
  }
  return place;
}

/** Show the round anew when it has come further on the chain. */
async function follow(showing, path, round) {
  const seen = JSON.stringify(round);
  while (showing.current && round.status === 'approved' && ON_THE_WAY[round.chain]) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    // What cannot be read now is read the next time.
    const now = showing.current ? await get(path).catch(() => round) : round;
    if (showing.current && JSON.stringify(now) !== seen) return again();
  }
  return undefined;
}

function stateOf(line) {
  if (line.reason) return t(`ยกไปรอบหน้า: ${CARRIED[line.reason] ?? line.reason}`, `Carried: ${CARRIED[line.reason] ?? line.reason}`);
  const told = PAYMENTS[line.payment] ?? t('จะจ่าย', 'to be paid');
  return line.bank_reason ? `${told} (${line.bank_reason})` : told;
}
