// The city's API as the pages speak to it. Nothing it says is believed where a signature hangs on it.

import { fromHex, ofText, toHex } from './bytes.js';
import { OFFLINE, Refused } from './refused.js';
import { keep, kept } from './store.js';
import { deploymentTag, domainSeparator, requestDigest } from './typed_data.js';

export { Refused };

const ANSWER_MS_MAX = 12_000;
const FILE_MS_MAX = 60_000;

export class City {
  constructor(deployment, ahead) {
    this.deployment = deployment;
    this.separator = domainSeparator(deployment.chain_id, deployment.contracts.CouponBook);
    this.tag = deploymentTag(this.separator);
    this.ahead = ahead;
  }

  /** The city's present time, by what it told last. */
  now() {
    return Math.floor(Date.now() / 1000 + this.ahead);
  }

  /** One code of this city, or null: another city's is told apart before anything is sent. */
  isOurs(code) {
    return code !== null && code.tag === toHex(this.tag);
  }

  get(path) {
    return answered(path, { method: 'GET' });
  }

  post(path, text, headers = {}) {
    return answered(path, { method: 'POST', body: text, headers: { 'content-type': 'application/json', ...headers } });
  }

  /** As get or post (with a text), signed by a device's key. Asks for the time once if it was wrong. */
  async signed(key, path, text = null, headers = {}) {
    try {
      return await this.#signedOnce(key, path, text, headers);
    } catch (refused) {
      if (refused.code !== 'request_expired') throw refused;
      await this.readTime();
      return this.#signedOnce(key, path, text, headers);
    }
  }

  async #signedOnce(key, path, text, headers) {
    const method = text === null ? 'GET' : 'POST';
    const named = { ...await this.#names(key, method, path, text), ...headers };
    return text === null ? answered(path, { method, headers: named }) : this.post(path, text, named);
  }

  /** The headers by which a request is signed. */
  async #names(key, method, path, text = null) {
    const signedAt = this.now();
    const digest = requestDigest(this.separator, { method, path, body: ofText(text ?? ''), signedAt });
    const signature = '0x' + toHex(await key.sign(digest));
    return { 'nakhon-address': key.address, 'nakhon-signed-at': String(signedAt), 'nakhon-signature': signature };
  }

  /** The answer to a signed GET as it comes, for what has no end. Throws Refused. */
  async stream(key, path, headers, signal) {
    const named = { ...await this.#names(key, 'GET', path), ...headers };
    const answer = await fetch(path, { headers: named, signal, cache: 'no-store', credentials: 'omit' });
    if (!answer.ok) throw new Refused(await answer.json(), answer.status);
    return answer;
  }

  /** A file for this key alone: a statement, for one. Throws Refused. */
  async file(key, path) {
    const stop = AbortSignal.timeout(FILE_MS_MAX);
    let answer;
    try {
      answer = await this.stream(key, path, {}, stop);
    } catch (failure) {
      throw failure instanceof Refused ? failure : new Refused(OFFLINE, 0);
    }
    return answer.blob();
  }

  async readTime() {
    await this.setTime(await this.get('/v1/time'));
  }

  async setTime({ now }) {
    this.ahead = now - Date.now() / 1000;
    await keep('ahead', this.ahead);
  }
}

async function answered(path, options) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_MS_MAX);
  let answer;
  let told;
  try {
    answer = await fetch(path, { ...options, signal: stop.signal, cache: 'no-store', credentials: 'omit' });
    told = await answer.json();
  } catch {
    throw new Refused(OFFLINE, 0);
  } finally {
    clearTimeout(timer);
  }
  if (!answer.ok) throw new Refused(told, answer.status);
  return told;
}

/** The city, from the net or as it was kept; throws Refused where it was never reached. */
export async function openCity() {
  try {
    // Both at once: on a slow line each question costs as much as its way there and back.
    const [deployment, time] = await Promise.all([answered('/v1/deployment', { method: 'GET' }), answered('/v1/time', { method: 'GET' })]);
    await keep('deployment', deployment);
    const city = new City(deployment, 0);
    if (toHex(city.separator) !== toHex(fromHex(deployment.domain_separator))) throw new Refused(OFFLINE, 0);
    await city.setTime(time);
    return city;
  } catch (refused) {
    const deployment = await kept('deployment');
    if (!deployment) throw refused;
    return new City(deployment, (await kept('ahead')) ?? 0);
  }
}
