// The city's public figures as this page reads them: whole lists, no key, nothing kept.

import { OFFLINE, Refused } from './refused.js';

const ANSWER_MS_MAX = 15_000;
export async function read(path) {
  let answer;
  let told;
  try {
    answer = await fetch(path, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    told = await answer.json();
  } catch {
    throw new Refused(OFFLINE, 0);
  }
  if (!answer.ok) throw new Refused(told, answer.status);
  return told;
}

/** Every page of a list, up to `most` items. */
export async function readAll(path, most = 5_000) {
  const found = [];
  let next = null;
  do {
    const page = await read(`${path}?limit=200${next ? `&cursor=${encodeURIComponent(next)}` : ''}`);
    found.push(...page.items);
    next = page.next;
  } while (next && found.length < most);
  return found;
}
