// Which screen is shown: the part of the address after #, so that the back button works.

import { button, el, notice } from './dom.js';
import { dressLetters } from './letters.js';
import { LANG, t } from './words.js';

const ANSWER_MS = 60;
const REST_MS = 400;

let firstDrawn;
const firstDrawing = new Promise((resolve) => { firstDrawn = resolve; });

/** One showing of a screen. Whatever is still under way when it is left changes nothing any more. */
class Showing {
  constructor(main) {
    this.main = main;
    this.current = true;
    this.drawn = false;
    this.endings = [];
  }

  draw(...nodes) {
    this.drawn = true;
    firstDrawn();
    if (this.current) this.main.removeAttribute('aria-busy');
    if (this.current) this.main.replaceChildren(...nodes.flat(Infinity).filter(Boolean));
  }

  onLeave(ending) {
    if (this.current) this.endings.push(ending);
    else ending();
  }

  /** Do `work` now and then again, each time `seconds` after it ended, until the screen is left. */
  async repeat(seconds, work) {
    while (this.current) {
      await work();
      await rest(seconds * 1000);
    }
  }

  leave() {
    this.current = false;
    for (const ending of this.endings) ending();
  }
}

/** What was refused, and what to do about it. */
export function refusedNotice(refused, kind = 'bad') {
  const words = refused[LANG];
  if (!words) throw refused;
  return notice(kind, 'cross', ...words);
}

/** A button that asks the city whether this key is registered by now, and says so while it is not. */
export function asking(words, look, ask) {
  const told = el('div', { 'aria-live': 'polite' });
  const press = button(words, async () => {
    press.disabled = true;
    told.replaceChildren(notice('busy', 'wait', t('กำลังถามเมือง…', 'Asking the city…')));
    try {
      await ask();
      return again();
    } catch (refused) {
      press.disabled = false;
      const unknown = ['unknown_pass', 'unknown_merchant'].includes(refused.code);
      return told.replaceChildren(unknown ? notice('bad', 'cross', t('ยังไม่พบการขึ้นทะเบียน', 'Not registered yet.'),
        t('ให้เจ้าหน้าที่สแกนรหัสนี้ แล้วกดอีกครั้งในอีกครู่', 'Let the officer scan this code, and press again in a moment.')) : refusedNotice(refused));
    }
  }, look);
  return el('div', { class: 'actions' }, press, told);
}

/** As `refusedNotice`, of a rule's refusal in a verdict. */
export function refusalOf(refusal) {
  return notice('bad', 'cross', refusal[LANG], refusal[`action_${LANG}`]);
}

export function go(address, { replace = false } = {}) {
  if (replace) return location.replace(address);
  const before = location.hash;
  location.hash = address;
  return location.hash === before ? undefined : sayOpening(location.hash);
}

/** What can be seen of a tap on the way to another screen, in the frame of the tap itself: the browser
 * tells of the new address later. */
function sayOpening(hash) {
  markPlace(placeOf(hash));
  document.querySelector('main').setAttribute('aria-busy', 'true');
}

/** Show screens from now on: `table` holds one async function (showing, …arguments) a name. */
export function startScreens(main, table) {
  let showing = null;
  let shown = null;
  let first = true;
  async function show() {
    showing?.leave();
    shown = location.hash;
    const mine = new Showing(main);
    showing = mine;
    const [name, ...rest] = location.hash.slice(1).split('/').map(decodeURIComponent);
    markPlace(name);
    if (!first) main.setAttribute('aria-busy', 'true');
    // Whatever it takes to open another screen, a tap is answered with something to see. The same one
    // is drawn anew at once: what is typed into it in that moment would be lost.
    if (!first && main.dataset.screen !== (name || 'home')) await frameShown();
    if (!mine.current) return;
    const slow = setTimeout(() => !first && !mine.drawn && mine.draw(heading(t('กำลังเปิด…', 'Opening…'))), ANSWER_MS);
    mine.onLeave(() => clearTimeout(slow));
    try {
      await (table[name] ?? table[''])(mine, ...rest);
    } catch (failure) {
      console.error(failure);
      const words = failure[LANG] ?? [t('หน้านี้ขัดข้อง', 'This page broke.'), t('ลองใหม่อีกครั้ง', 'Try again.')];
      mine.draw(heading(failure.status === 0 ? t('ยังเปิดหน้านี้ไม่ได้', 'This page cannot be opened yet') : t('ทำรายการไม่ได้', 'It could not be done')), notice('bad', 'cross', ...words),
        button(t('ลองอีกครั้ง', 'Try again'), show));
      if (failure.status === 0) {
        window.addEventListener('online', show);
        mine.onLeave(() => window.removeEventListener('online', show));
      }
    }
    if (!mine.current) return;
    main.removeAttribute('aria-busy');
    if (!first) {
      window.scrollTo(0, 0);
      main.querySelector('h1')?.focus({ preventScroll: true });
    }
    first = false;
    main.dataset.screen = name || 'home';
  }
  /** A tap on the place where one is already, or there and back again, is told as news too. What is typed
   * on the screen stays then; only `again` shows it anew. */
  function moved(event) {
    if (!event.isTrusted || location.hash !== shown) return show();
    markPlace(placeOf(shown));
    if (showing.drawn) main.removeAttribute('aria-busy');
    return undefined;
  }
  window.addEventListener('hashchange', moved);
  document.addEventListener('click', (event) => {
    const elsewhere = event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey;
    const link = elsewhere ? null : event.target.closest('a[href^="#"]');
    if (link && link.hash !== location.hash) sayOpening(link.hash);
  });
  return show();
}

/** After the frame that shows what was just said; at once where nobody looks. */
function frameShown() {
  if (document.hidden) return Promise.resolve();
  return new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); });
}

function placeOf(hash) {
  return hash.slice(1).split('/')[0];
}

function markPlace(name) {
  for (const place of document.querySelectorAll('nav.places a')) {
    const here = place.hash.slice(1) === name || place.dataset.holds?.split(' ').includes(name);
    if (here) place.setAttribute('aria-current', 'page');
    else place.removeAttribute('aria-current');
  }
}

/** A screen of a module that is fetched when it is first needed. */
export const later = (load, name) => async (...args) => (await load())[name](...args);

/** Fetch what may be wanted next, one after another, once a screen is shown and nothing else is to do:
 * what is fetched has to be read, and while somebody taps the next tap would wait for that. */
export async function soon(...loads) {
  let tapped = -Infinity;
  document.addEventListener('pointerdown', (event) => { tapped = event.timeStamp; }, { capture: true, passive: true });
  await firstDrawing;
  await rest(REST_MS);
  for (const load of loads) {
    while (performance.now() - tapped < REST_MS) await rest(REST_MS);
    await new Promise((resolve) => (window.requestIdleCallback ?? setTimeout)(resolve));
    // What cannot be had now is fetched, or refused aloud, when its screen is opened.
    await load().catch(() => {});
  }
}

function rest(milliseconds) {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

export function heading(words) {
  return el('h1', { tabindex: -1 }, words);
}

/** Whether there is a net: said plainly at the top of every page. */
export function watchNet(place, words) {
  const tell = () => {
    place.textContent = navigator.onLine ? '' : words;
    place.hidden = navigator.onLine;
  };
  window.addEventListener('online', tell);
  window.addEventListener('offline', tell);
  tell();
}

/** Keep the pages on this device, where the browser can. */
export function keepPages() {
  navigator.serviceWorker?.register('/service-worker.js').catch(() => {});
}

/** What every page does with its head: the skip link, and the other language at the same screen. */
export function dressHead() {
  dressLetters();
  document.querySelector('[data-skip]').addEventListener('click', (event) => {
    event.preventDefault();
    document.querySelector('main').focus();
  });
  document.querySelector('[data-language]').addEventListener('click', (event) => {
    const link = event.currentTarget;
    link.href = link.href.split('#')[0] + location.hash;
  });
}

/** Show the present screen anew. */
export function again() {
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}
