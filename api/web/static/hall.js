// City hall's page: which screens there are, and the door before them.

import { Refused } from './refused.js';
import { button, el, notice } from './dom.js';
import { officer, signIn, signOut, watchSession, whyEnded } from './hall_session.js';
import { OFFICES } from './hall_words.js';
import { again, dressHead, heading, later, refusedNotice, soon, startScreens, watchNet } from './screens.js';
import { t } from './words.js';

const main = document.querySelector('main');
const places = document.querySelector('nav.places');
// Read before the page's content, by eye and by keyboard.
main.before(places);

const WHY = {
  idle: t('ออกจากระบบให้แล้ว เพราะไม่มีการใช้งาน 15 นาที', 'Signed out after 15 minutes without use.'),
  long: t('ออกจากระบบให้แล้ว เพราะครบ 8 ชั่วโมง', 'Signed out after 8 hours.'),
  refused: t('ออกจากระบบแล้ว เพราะกุญแจนี้ใช้ไม่ได้อีก', 'Signed out: the key is no longer good.'),
};

function doorScreen(showing) {
  const why = whyEnded();
  const told = el('div', { 'aria-live': 'polite' }, why && notice('busy', 'wait', WHY[why]));
  const field = el('input', { id: 'key', type: 'password', autocomplete: 'current-password', spellcheck: 'false', required: true, maxlength: 200 });
  const enter = el('button', { type: 'submit', class: 'button main' }, t('เข้าสู่ระบบ', 'Sign in'));
  const submit = async (event) => {
    event.preventDefault();
    enter.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังตรวจกุญแจ…', 'Checking the key…')));
    try {
      await signIn(field.value.trim());
      field.value = '';
      again();
    } catch (refused) {
      told.replaceChildren(refused.status === 401 ? notice('bad', 'cross', t('กุญแจนี้ไม่ถูกต้อง หรือถูกยกเลิกแล้ว', 'This is no key of the city’s, or it was withdrawn.'),
        t('ตรวจกุญแจแล้วลองอีกครั้ง หรือขอกุญแจใหม่จากผู้ดูแลระบบ', 'Check it and try again, or ask the admin for another.')) : refusedNotice(refused));
      enter.disabled = false;
    }
  };
  showing.draw(heading(t('ศาลากลาง', 'City hall')),
    el('p', { class: 'lead' }, t('สำหรับเจ้าหน้าที่ของเมือง: โครงการ ทะเบียน และรอบจ่าย', 'For the city’s officers: campaigns, registers and rounds.')),
    told,
    el('form', { class: 'panel door', on: { submit } },
      el('label', { for: 'key' }, t('กุญแจเจ้าหน้าที่ของท่าน', 'Your officer’s key')), field, enter,
      el('p', { class: 'small' }, t('กุญแจอยู่ในหน้านี้เท่านั้น ไม่ถูกเก็บในเครื่อง ปิดหรือโหลดหน้าใหม่ เปลี่ยนภาษา หรือไม่ใช้งาน 15 นาที คือออกจากระบบ',
        'The key stays in this page and is never stored. Closing or reloading the page, changing the language, or 15 minutes without use sign you out.'))),
    el('p', {}, el('a', { class: 'alone', href: '/city' }, t('ไม่ใช่เจ้าหน้าที่? ดูว่าเงินของเมืองทำอะไรไปบ้าง', 'Not an officer? See what the city’s money did.'))));
}

function whoLine() {
  const { name, roles } = officer();
  return el('div', { class: 'who no-print' },
    el('span', {}, el('b', {}, name), ' · ', roles.map((role) => OFFICES[role] ?? role).join(', ')),
    button(t('ออกจากระบบ', 'Sign out'), () => signOut(), { kind: 'second narrow' }));
}

/** A screen behind the door. Its content stands below the line that says who is signed in. */
const behindDoor = (screen) => async (showing, ...rest) => {
  places.hidden = !officer();
  if (!officer()) return doorScreen(showing);
  const inside = Object.create(showing, {
    // What arrives after the session has ended is not shown.
    draw: { value: (...nodes) => (officer() ? showing.draw(whoLine(), ...nodes) : undefined) },
    current: { get: () => showing.current && officer() !== null },
  });
  inside.draw(el('p', { class: 'waiting-line', role: 'status' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), t('กำลังอ่านจากเมือง…', 'Asking the city…')));
  try {
    return await screen(inside, ...rest);
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    // Still signed in, and still able to sign out.
    return inside.draw(heading(t('ทำรายการไม่ได้', 'It could not be done')), refusedNotice(refused), button(t('ลองอีกครั้ง', 'Try again'), again, { kind: 'main narrow' }));
  }
};

watchNet(document.querySelector('.offline'), t('ไม่มีสัญญาณ: ตัวเลขบนจออาจเก่า และสั่งการไม่ได้', 'No connection: figures may be old, and nothing can be ordered.'));
dressHead();
watchSession();
const campaigns = () => import('./hall_campaigns.js');
const form = () => import('./hall_form.js');
const live = () => import('./hall_live.js');
const people = () => import('./hall_people.js');
const rounds = () => import('./hall_rounds.js');
startScreens(main, {
  '': behindDoor(later(campaigns, 'campaignsScreen')),
  new: behindDoor(later(form, 'formScreen')),
  campaign: behindDoor(later(campaigns, 'campaignScreen')),
  live: behindDoor(later(live, 'liveScreen')),
  people: behindDoor(later(people, 'peopleScreen')),
  papers: behindDoor(later(() => import('./hall_papers.js'), 'papersScreen')),
  rounds: behindDoor(later(rounds, 'roundsScreen')),
  round: behindDoor(later(rounds, 'roundScreen')),
  acts: behindDoor(later(() => import('./hall_acts.js'), 'actsScreen')),
});
soon(campaigns, form, live, people, rounds);
