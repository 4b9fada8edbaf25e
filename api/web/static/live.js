// What the city tells a till by itself: server-sent events over a signed request. One line serves every
// screen of a page. A line that breaks is opened again where it broke; while there is none, a screen
// asks by itself, as often as before.

const SILENCE_MS_MAX = 12_000;
const AGAIN_MS = [250, 500, 1000, 2000, 4000];
const ASK_MS = 1000;
const ASK_ANYWAY_MS = 10_000;

/** The line of one key: open while somebody hears it. A hearer is `{taken(redemption), asked(wish)}`. */
class Line {
  constructor(city, key) {
    Object.assign(this, { city, key, hearers: new Set(), open: false, running: false, after: null, stop: null });
    window.addEventListener('online', () => this.stop?.abort());
  }

  /** Hear from now on, until the function it returns is called. */
  add(hearer) {
    this.hearers.add(hearer);
    if (!this.running) this.#keepOpen();
    return () => {
      this.hearers.delete(hearer);
      if (!this.hearers.size) this.stop?.abort();
    };
  }

  end() {
    this.hearers.clear();
    this.stop?.abort();
  }

  async #keepOpen() {
    this.running = true;
    for (let tries = 0; this.hearers.size; tries++) {
      try {
        await this.#listen(() => { tries = -1; });
      } catch {
        // A line that broke is opened again; the screens ask by themselves meanwhile.
      }
      this.open = false;
      if (this.hearers.size) await pause(AGAIN_MS[Math.min(Math.max(tries, 0), AGAIN_MS.length - 1)]);
    }
    this.running = false;
  }

  async #listen(opened) {
    this.stop = new AbortController();
    const silence = silenceAfter(SILENCE_MS_MAX, this.stop);
    try {
      const answer = await this.city.stream(this.key, '/v1/till/events', this.after && { 'last-event-id': this.after }, this.stop.signal);
      this.open = true;
      opened();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let held = '';
      for (;;) {
        const { value, done } = await reader.read();
        if (done || !this.hearers.size) return;
        silence.heard();
        const blocks = (held + value).split('\n\n');
        held = blocks.pop();
        blocks.forEach((block) => this.#tell(eventOf(block)));
      }
    } finally {
      silence.end();
      this.stop.abort();
    }
  }

  #tell(event) {
    if (!event) return;
    this.after = event.id;
    for (const hearer of this.hearers) hearer[event.kind]?.(event.data);
  }
}

let present = null;

/** The page's one line, for this key; another key's is given up. */
export function lineOf(city, key) {
  if (present?.key !== key) {
    present?.end();
    present = new Line(city, key);
  }
  return present;
}

/**
 * Hear what this device's shop takes until the screen is left. `told` gets each event as it stands; it
 * may get one twice. `ask()` is called every second while no line is open and now and then while one
 * is; it may throw, and then `failed(error)` is told.
 */
export function hear(showing, { city, key, ask, told, failed = () => {} }) {
  const line = lineOf(city, key);
  showing.onLeave(line.add(told));
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
function eventOf(block) {
  const fields = {};
  for (const row of block.split('\n')) {
    const at = row.indexOf(': ');
    if (at > 0) fields[row.slice(0, at)] = row.slice(at + 2);
  }
  return fields.event && fields.data ? { id: fields.id ?? null, kind: fields.event, data: JSON.parse(fields.data) } : null;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
