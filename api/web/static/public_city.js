// The city's public figures as this page reads them: whole lists, no key, nothing kept.

import { OFFLINE, Refused } from './refused.js';

const ANSWER_MS_MAX = 15_000;

async function answered(path) {
  try {
    const answer = await fetch(path, { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    return { answer, text: await answer.text() };
  } catch {
    throw new Refused(OFFLINE, 0);
  }
}

/** What the city answers to a question, as data. Throws Refused. */
export async function read(path) {
  return JSON.parse((await readText(path)).text);
}

/** An answer as it is, and the address of the one that follows it, if any. Throws Refused. */
export async function readText(path) {
  const { answer, text } = await answered(path);
  if (!answer.ok) throw new Refused(JSON.parse(text), answer.status);
  return { text, next: /^<([^>]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] ?? null };
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
