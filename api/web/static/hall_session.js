// An officer's session. The key lives in this variable and nowhere else: no cookie, no storage. So no
// other site can make this browser act for the officer, and the session ends with the page.

import { Refused } from './refused.js';

const IDLE_MS = 15 * 60_000;
const LONGEST_MS = 8 * 3_600_000;
const ANSWER_MS_MAX = 30_000;
const LOOK_EVERY_MS = 1_000;

let held = null;
let ended = null;

/** Refused with the lines or fields that the city named. */
export class OfficeRefused extends Refused {
  constructor(problem, status) {
    super(problem, status);
    this.rows = problem.errors ?? [];
  }
}

const OFFLINE = {
  code: 'offline',
  detail_th: 'ติดต่อระบบของเมืองไม่ได้', action_th: 'ตรวจสัญญาณแล้วลองอีกครั้ง ระบบจะไม่ทำรายการซ้ำ',
  detail_en: 'The city cannot be reached.', action_en: 'Check the connection and try again: nothing is done twice.',
};

export const officer = () => held?.officer ?? null;
export const may = (...roles) => roles.some((role) => held?.officer.roles.includes(role));

/** Why the last session ended, once: 'idle', 'long', 'refused', or null. */
export function whyEnded() {
  const why = ended;
  ended = null;
  return why;
}

export function signOut(why = null) {
  held = null;
  ended = why;
  window.dispatchEvent(new HashChangeEvent('hashchange'));
}

export async function signIn(key) {
  const now = Date.now();
  held = { key, officer: null, began: now, used: now };
  try {
    held.officer = await get('/v1/office');
  } catch (refused) {
    held = null;
    throw refused;
  }
}

/** Ends the session by itself; what counts as use is what a person does, not what a page repeats. */
export function watchSession() {
  for (const event of ['pointerdown', 'keydown']) {
    window.addEventListener(event, () => { if (held) held.used = Date.now(); }, { passive: true });
  }
  setInterval(() => {
    const now = Date.now();
    if (held?.officer && now - held.used > IDLE_MS) signOut('idle');
    else if (held?.officer && now - held.began > LONGEST_MS) signOut('long');
  }, LOOK_EVERY_MS * 5);
}

async function answered(path, options) {
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      headers: { authorization: `Bearer ${held?.key ?? ''}`, ...options.headers },
      cache: 'no-store', credentials: 'omit', redirect: 'error', signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    if (answer.ok) return answer;
  } catch {
    throw new OfficeRefused(OFFLINE, 0);
  }
  const problem = await answer.json().catch(() => OFFLINE);
  if (answer.status === 401 && held?.officer) signOut('refused');
  throw new OfficeRefused(problem, answer.status);
}

export async function get(path) {
  return (await answered(path, { method: 'GET' })).json();
}

/** A file as it is, with the name the city gave it. */
export async function getFile(path) {
  const answer = await answered(path, { method: 'GET' });
  const named = /filename="([^"]+)"/.exec(answer.headers.get('content-disposition') ?? '');
  return { name: named ? named[1] : 'download', blob: await answer.blob() };
}

/** Send a body; `key` is the idempotency key, so that the same press does nothing twice. */
export async function post(path, body, { type = 'application/json', key = crypto.randomUUID() } = {}) {
  const sent = type === 'application/json' ? JSON.stringify(body) : body;
  return (await answered(path, { method: 'POST', body: sent, headers: { 'content-type': type, 'idempotency-key': key } })).json();
}

/** Every page of a list. `most` items are enough for a person. */
export async function all(path, most = 1000) {
  const found = [];
  let next = null;
  do {
    const joint = path.includes('?') ? '&' : '?';
    const page = await get(`${path}${joint}limit=200${next ? `&cursor=${encodeURIComponent(next)}` : ''}`);
    found.push(...page.items);
    next = page.next;
  } while (next && found.length < most);
  return found;
}

/**
 * Give an order and follow it until the chain has it: `told(done, total)` on the way. Returns the last
 * intent; throws OfficeRefused with the contract's reason where one failed.
 */
export async function order(path, body, { told = () => {}, current = () => true, ...options } = {}) {
  const { intents } = await post(path, body, options);
  let done = 0;
  let last = null;
  for (const each of intents) {
    told(done, intents.length);
    last = each;
    while (current() && held && !['included', 'final', 'failed'].includes(last.status)) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      last = await get(`/v1/intents/${each.id}`);
    }
    if (last.status === 'failed') {
      throw new OfficeRefused({ code: last.error.code, detail_th: last.error.th, detail_en: last.error.en }, 409);
    }
    done += 1;
  }
  return last;
}
