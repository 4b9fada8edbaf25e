// A campaign as a form: it writes a policy, and the city reads it aloud beside it as one types.

import { button, el, notice } from './dom.js';
import { perform } from './hall_campaigns.js';
import { documentOf, emptyDraft, groups } from './hall_policy.js';
import { replayReport } from './hall_replay.js';
import { get, post } from './hall_session.js';
import { go, heading, refusedNotice } from './screens.js';
import { LANG, satangOf, t } from './words.js';

const PAUSE_MS = 250;

/** What was typed stays while one looks elsewhere on the page. */
let draft = null;

export async function formScreen(showing) {
  const { now } = await get('/v1/time');
  draft ??= emptyDraft(now);
  const reading = el('section', { class: 'panel follow reading', 'aria-live': 'polite', 'aria-label': t('เงื่อนไขเป็นประโยค', 'The rules in sentences') });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const report = el('div', { class: 'cards' });
  const state = { asked: 0, sentences: null };
  const form = el('form', { novalidate: true, on: { submit: (event) => event.preventDefault() } }, groups(draft, keepList));
  const tryIt = button(t('ลองกับข้อมูลย้อนหลัง', 'Try it on the past'), () => replay(showing, report, tryIt), { kind: 'second', drawing: 'undo' });
  const send = button(t('เสนอขออนุมัติ', 'Submit for approval'), () => {
    const body = { policy: documentOf(draft) };
    if (draft.list) body.list = draft.list.id;
    return perform(showing, '/v1/campaigns', body, told, actions, { then: done });
  }, { drawing: 'tick', id: 'submit' });
  const done = (last) => {
    draft = null;
    go(`#campaign/${last.result.campaign}`);
  };
  const actions = el('div', { class: 'actions' }, tryIt, send);
  const check = async () => {
    const mine = ++state.asked;
    reading.classList.add('stale');
    const body = { policy: documentOf(draft) };
    const [budget, people] = [satangOf(draft.budget), Number(draft.people)];
    if (budget !== null) body.budget = String(budget);
    if (Number.isInteger(people) && people > 0) body.people = people;
    try {
      const found = await post('/v1/policies/check', body);
      if (mine === state.asked && showing.current) show(found);
    } catch (refused) {
      if (mine === state.asked && showing.current) reading.replaceChildren(refusedNotice(refused));
    }
    if (mine === state.asked) reading.classList.remove('stale');
  };
  const show = ({ faults, sentences }) => {
    const left = mark(form, faults);
    send.disabled = tryIt.disabled = !sentences;
    const old = sentences ? null : state.sentences;
    state.sentences = sentences ?? state.sentences;
    reading.replaceChildren(el('h2', {}, t('ประชาชนจะอ่านว่า', 'People will read')),
      faults.length ? notice('bad', 'cross', t(`ต้องแก้ ${faults.length} จุด`, `${faults.length} to be put right`), ...left.map((each) => `${each.pointer}: ${each[LANG]}`)) : '',
      old ? el('p', { class: 'small' }, t('ข้อความก่อนช่องที่ต้องแก้', 'As it read before that:')) : '',
      state.sentences ? el('ol', { class: 'sentences' }, state.sentences[LANG].map((each) => el('li', {}, each)))
        : el('p', { class: 'small' }, t('เมื่อทุกช่องถูกต้อง ประโยคจะขึ้นที่นี่', 'When every field is right, the sentences stand here.')));
  };
  const later = pausing(check);
  form.addEventListener('input', () => {
    reading.classList.add('stale');
    later();
  });
  async function keepList(file) {
    draft.list = await post('/v1/lists', await file.text(), { type: 'text/csv' });
    later();
    return draft.list.count;
  }
  showing.draw(heading(t('ร่างโครงการใหม่', 'Draft a campaign')),
    el('p', { class: 'lead' }, t('กรอกแบบ แล้วอ่านประโยคที่ได้ ยังไม่มีอะไรเกิดขึ้นจนกว่าจะเสนอขออนุมัติ และคนอื่นเป็นผู้อนุมัติ',
      'Fill in the form and read what it says. Nothing happens until it is submitted, and somebody else approves it.')),
    el('div', { class: 'beside' }, el('div', { class: 'cards' }, form, actions, told), reading), report);
  send.disabled = tryIt.disabled = true;
  await check();
}

/** Put each fault at its field; returns those that belong to no field that is shown. */
function mark(form, faults) {
  const left = [...faults];
  for (const place of form.querySelectorAll('[data-pointer]')) {
    const at = left.findIndex(({ pointer }) => pointer === place.dataset.pointer || pointer.startsWith(`${place.dataset.pointer}/`));
    const fault = at < 0 ? null : left.splice(at, 1)[0];
    place.classList.toggle('wrong', fault !== null);
    place.querySelector('.fault').textContent = fault?.[LANG] ?? '';
    for (const input of place.querySelectorAll('input, select, textarea')) {
      if (fault) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    }
    if (fault) place.closest('details')?.setAttribute('open', '');
  }
  return left;
}

function pausing(work) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, PAUSE_MS);
  };
}

async function replay(showing, place, pressed) {
  pressed.disabled = true;
  place.replaceChildren(notice('busy', 'wait', t('กำลังลองกับทุกรายการที่ผ่านมา…', 'Trying it on everything that happened…')));
  const body = { policy: documentOf(draft) };
  const budget = satangOf(draft.budget);
  if (budget !== null) body.budget = String(budget);
  if (draft.list) body.list = draft.list.id;
  try {
    const report = await post('/v1/policies/replay', body);
    if (showing.current) place.replaceChildren(...replayReport(report));
  } catch (refused) {
    place.replaceChildren(refusedNotice(refused));
  }
  pressed.disabled = false;
  place.scrollIntoView({ block: 'nearest' });
}

