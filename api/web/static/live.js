// What the city tells a till by itself: server-sent events over a signed request. A line that breaks
// is opened again where it broke; while there is none, the page asks by itself, as often as before.

const SILENCE_MS_MAX = 12_000;
const AGAIN_MS = [250, 500, 1000, 2000, 4000];
const ASK_MS = 1000;
const ASK_ANYWAY_MS = 10_000;

/**
 * Hear what this device's shop takes until the screen is left. `told(taken)` gets each redemption as it
 * stands; it may get one twice. `ask()` is called every second while no line is open and now and then
 * while one is; it may throw, and then `failed(error)` is told.
 */
export function hear(showing, { city, key, told, ask, failed = () => {} }) {
  const line = { open: false, after: null, stop: null };
  showing.onLeave(() => line.stop?.abort());
  const wake = () => line.stop?.abort();
  window.addEventListener('online', wake);
  showing.onLeave(() => window.removeEventListener('online', wake));
  keepOpen(showing, line, { city, key, told });
  keepAsking(showing, line, ask, failed);
}

async function keepAsking(showing, line, ask, failed) {
  let asked = -Infinity;
  while (showing.current) {
    if (performance.now() - asked >= (line.open ? ASK_ANYWAY_MS : ASK_MS)) {
      asked = performance.now();
      try {
        await ask();
      } catch (error) {
        failed(error);
      }
    }
    await pause(200);
  }
}

async function keepOpen(showing, line, { city, key, told }) {
  for (let tries = 0; showing.current; tries++) {
    try {
      await listen(showing, line, { city, key, told, opened: () => { tries = -1; } });
    } catch {
      // A line that broke is opened again; the page asks by itself meanwhile.
    }
    line.open = false;
    if (showing.current) await pause(AGAIN_MS[Math.min(Math.max(tries, 0), AGAIN_MS.length - 1)]);
  }
}

async function listen(showing, line, { city, key, told, opened }) {
  line.stop = new AbortController();
  const silence = silenceAfter(SILENCE_MS_MAX, line.stop);
  try {
    const answer = await city.stream(key, '/v1/till/events', line.after && { 'last-event-id': line.after }, line.stop.signal);
    line.open = true;
    opened();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let held = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done || !showing.current) return;
      silence.heard();
      const blocks = (held + value).split('\n\n');
      held = blocks.pop();
      for (const block of blocks) {
        const event = eventOf(block);
        if (!event) continue;
        line.after = event.id;
        told(event.data);
      }
    }
  } finally {
    silence.end();
    line.stop.abort();
  }
}

/** Give the line up when nothing at all was heard for a while: the other end may be gone unsaid. */
function silenceAfter(milliseconds, stop) {
  let timer = setTimeout(() => stop.abort(), milliseconds);
  return {
    heard() {
      clearTimeout(timer);
      timer = setTimeout(() => stop.abort(), milliseconds);
    },
    end: () => clearTimeout(timer),
  };
}

/** The event of one block, or null for a comment. */
export function eventOf(block) {
  const fields = {};
  for (const row of block.split('\n')) {
    const at = row.indexOf(': ');
    if (at > 0) fields[row.slice(0, at)] = row.slice(at + 2);
  }
  return fields.event === 'taken' && fields.data ? { id: fields.id ?? null, data: JSON.parse(fields.data) } : null;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
