// Is this receipt the city's, and is it kept? One file, no dependency: Node 20.19 or later, or a browser.
//
//   node verify_receipt.js RECEIPT --rpc URL (--deployment FILE | --book ADDRESS --anchors ADDRESS)
//
// It asks an Ethereum node and nobody else. The layouts are those of docs/receipts.md and
// docs/wire-format.md; the arithmetic below only checks, it never holds a key.

const DAY = 86_400;
const BANGKOK = 25_200;
const PROMISED_SECONDS = 7 * DAY + 900;
const CLOCK_SECONDS = 60;
const SEQUENCER_ROLE = 6;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

// ── bytes ──
export const hex = (bytes) => '0x' + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

export function unhex(text, size) {
  const digits = String(text).replace(/^0x/, '');
  if (digits.length % 2 || /[^0-9a-f]/i.test(digits)) throw new TypeError('not hexadecimal');
  const bytes = Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
  if (size !== undefined && bytes.length !== size) throw new TypeError(`not ${size} bytes`);
  return bytes;
}

const joined = (...parts) => Uint8Array.from(parts.flatMap((part) => Array.from(part)));
const ofNumber = (value, width) => unhex(BigInt(value).toString(16).padStart(2 * width, '0'), width);
const number = (bytes) => bytes.reduce((value, byte) => value * 256 + byte, 0);
const big = (bytes) => BigInt(bytes.length ? hex(bytes) : 0);
const same = (a, b) => hex(a) === hex(b);

// ── Keccak-256 (the hash of the EVM), FIPS 202's permutation with the older padding ──
// A lane of 64 bits is two numbers of 32: the low one first.
const [ROUNDS, SHIFTS, TARGETS] = [[], [0], [0]];
for (let round = 0, bits = 1; round < 24; round++) {
  let constant = 0n;
  for (let j = 0n; j < 7n; j++, bits = bits & 0x80 ? (bits << 1) ^ 0x171 : bits << 1) {
    if (bits & 1) constant |= 1n << ((1n << j) - 1n);
  }
  ROUNDS.push(Number(constant & 0xffffffffn), Number(constant >> 32n));
}
for (let t = 0, x = 1, y = 0; t < 24; t++, [x, y] = [y, (2 * x + 3 * y) % 5]) {
  SHIFTS[y * 5 + x] = (((t + 1) * (t + 2)) / 2) % 64;
  TARGETS[y * 5 + x] = ((2 * x + 3 * y) % 5) * 5 + y;
}

function permuted(state, columns, moved) {
  for (let round = 0; round < 48; round += 2) {
    for (let i = 0; i < 10; i++) columns[i] = state[i] ^ state[i + 10] ^ state[i + 20] ^ state[i + 30] ^ state[i + 40];
    for (let i = 0; i < 50; i++) {
      const right = (i + 2) % 10;
      state[i] ^= columns[(i + 8) % 10] ^ ((columns[right] << 1) | (columns[right ^ 1] >>> 31));
    }
    for (let i = 0; i < 50; i++) {
      const [from, by] = [SHIFTS[i >> 1] < 32 ? i : i ^ 1, SHIFTS[i >> 1] % 32];
      moved[2 * TARGETS[i >> 1] + (i & 1)] = by ? (state[from] << by) | (state[from ^ 1] >>> (32 - by)) : state[from];
    }
    for (let i = 0; i < 50; i++) {
      const row = i - (i % 10);
      state[i] = moved[i] ^ (~moved[row + ((i + 2) % 10)] & moved[row + ((i + 4) % 10)]);
    }
    state[0] ^= ROUNDS[round];
    state[1] ^= ROUNDS[round + 1];
  }
}

export function keccak(bytes) {
  const rate = 136;
  const padded = new Uint8Array((Math.floor(bytes.length / rate) + 1) * rate);
  padded.set(bytes);
  padded[bytes.length] |= 1;
  padded[padded.length - 1] |= 0x80;
  const [view, state, columns, moved] = [new DataView(padded.buffer), ...[50, 10, 50].map((size) => new Uint32Array(size))];
  for (let start = 0; start < padded.length; start += rate) {
    for (let i = 0; i < rate / 4; i++) state[i] ^= view.getUint32(start + 4 * i, true);
    permuted(state, columns, moved);
  }
  return new Uint8Array(state.buffer.slice(0, 32)); // little-endian, as every machine with Node is
}

// ── who signed: secp256k1 (SEC 2, 2.4.1), public-key recovery (SEC 1, 4.1.6) ──
const P = 2n ** 256n - 2n ** 32n - 977n;
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const G = [0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n, 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n];
const mod = (a, m) => ((a % m) + m) % m;
const inverse = (a, m) => power(a, m - 2n, m);
function power(base, exponent, m) {
  let result = 1n;
  for (base = mod(base, m); exponent > 0n; exponent >>= 1n, base = (base * base) % m) {
    if (exponent & 1n) result = (result * base) % m;
  }
  return result;
}
function added(p, q) {
  if (!p || !q) return p ?? q;
  if (p[0] === q[0] && p[1] !== q[1]) return null;
  const slope = p[0] === q[0] ? 3n * p[0] * p[0] * inverse(2n * p[1], P) : (q[1] - p[1]) * inverse(q[0] - p[0], P);
  const x = mod(slope * slope - p[0] - q[0], P);
  return [x, mod(slope * (p[0] - x) - p[1], P)];
}

function times(scalar, point) {
  let sum = null;
  for (; scalar > 0n; scalar >>= 1n, point = added(point, point)) if (scalar & 1n) sum = added(sum, point);
  return sum;
}
/** The address that signed 32 bytes, in lower case; null where the 64 bytes (EIP-2098) are no signature. */
export function signerOf(digest, signature) {
  const r = big(signature.slice(0, 32));
  const odd = signature[32] >> 7;
  const s = big(signature.slice(32)) & ((1n << 255n) - 1n);
  if (r === 0n || r >= N || s === 0n || s > N / 2n) return null;
  const square = mod(r ** 3n + 7n, P);
  let y = power(square, (P + 1n) / 4n, P);
  if ((y * y) % P !== square) return null;
  if (Number(y & 1n) !== odd) y = P - y;
  const back = inverse(r, N);
  const point = added(times(mod(-big(digest) * back, N), G), times(mod(s * back, N), [r, y]));
  if (!point) return null;
  return hex(keccak(joined(ofNumber(point[0], 32), ofNumber(point[1], 32))).slice(12));
}

// ── the receipt ──
const FIELDS = Object.entries({ campaign: 4, pass: 4, merchant: 4, bill: 4, amount: 3, copay: 4, signed_at: 5, accepted_at: 5 });
const word = (value) => ofNumber(value, 32);
const typed = (text) => keccak(new TextEncoder().encode(text));

/** What a text holds: a QR's text, the JSON of `/v1/receipts/…` or of `/v1/receipts/…/path`. Throws TypeError. */
export function readReceipt(text) {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return { ...ofQr(trimmed), told: {}, path: null };
  const document = JSON.parse(trimmed);
  const told = document.receipt ?? document;
  const code = told.qr !== undefined ? ofQr(told.qr) : ofFields(told);
  return { ...code, told, path: document.path ?? null };
}

function ofQr(text) {
  const body = /^HTTPS?:\/\/[A-Z0-9.:-]+\/Q\/([A-Z2-7]+)$/.exec(text)?.[1];
  if (!body) throw new TypeError('no receipt: neither JSON nor the text of a QR');
  const bits = Array.from(body, (letter) => LETTERS.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const raw = Uint8Array.from({ length: Math.floor(bits.length / 8) }, (_, i) => parseInt(bits.slice(8 * i, 8 * i + 8), 2));
  if (raw[0] !== 0x14 || raw.length !== 134 || Number(bits.slice(8 * raw.length) || 0)) throw new TypeError('the QR is no receipt');
  let at = 5;
  const receipt = Object.fromEntries(FIELDS.map(([name, width]) => [name, number(raw.slice(at, (at += width)))]));
  return { tag: raw.slice(1, 5), receipt: { ...receipt, policy: raw.slice(at, at + 32), signature: raw.slice(at + 32) } };
}

function ofFields(told) {
  const missing = FIELDS.find(([name]) => !/^\d{1,13}$/.test(String(told[name])));
  if (missing) throw new TypeError(`the receipt has no ${missing[0]}`);
  const receipt = Object.fromEntries(FIELDS.map(([name, width]) => [name, number(ofNumber(told[name], width))]));
  return { tag: null, receipt: { ...receipt, policy: unhex(told.policy, 32), signature: unhex(told.signature, 64) } };
}
/** The first field in which the JSON around a QR says something else than the QR. */
function contradiction(told, receipt) {
  const written = { ...receipt, policy: hex(receipt.policy), signature: hex(receipt.signature) };
  return Object.keys(written).find((name) => told[name] !== undefined && String(told[name]).toLowerCase() !== String(written[name]));
}

export function receiptDigest(separator, receipt) {
  const type = typed('Receipt(uint32 campaign,uint32 pass,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,uint40 signedAt,uint40 acceptedAt,bytes32 policy)');
  const struct = keccak(joined(type, ...FIELDS.map(([name]) => word(receipt[name])), receipt.policy));
  return keccak(joined([0x19, 0x01], separator, struct));
}

export function separatorOf(chainId, book) {
  const type = typed('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)');
  return keccak(joined(type, typed('Nakhon'), typed('1'), word(chainId), word(BigInt(book))));
}

// ── the tree of a day ──
export function leafOf(of) {
  const figures = [of.campaign, of.pass, of.merchant, of.bill, of.amount, of.copay].map((each) => ofNumber(each, 4));
  return keccak(joined([0, of.kind ?? 1], ...figures, ofNumber(of.signed_at, 5), ofNumber(of.voided_at ?? 0, 5)));
}

const node = (left, right) => keccak(joined([1], left, right));

export function rootOf(leaves) {
  let level = leaves;
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) =>
      2 * i + 1 < level.length ? node(level[2 * i], level[2 * i + 1]) : level[2 * i]);
  }
  return level[0] ?? new Uint8Array(32);
}

/** The root a leaf leads to; null where no tree of `count` leaves has such a path. */
export function rootFrom(leaf, position, count, siblings) {
  if (!(Number.isSafeInteger(position) && position >= 0 && position < count)) return null;
  const rest = [...siblings];
  let root = leaf;
  for (; count > 1; position >>= 1, count = (count + 1) >> 1) {
    if ((position ^ 1) >= count) continue;
    if (!rest.length) return null; // a path that is cut short
    const sibling = rest.shift();
    root = position & 1 ? node(sibling, root) : node(root, sibling);
  }
  return rest.length ? null : root;
}

const [dayOf, dayBegins] = [(time) => Math.floor((time + BANGKOK) / DAY), (day) => day * DAY - BANGKOK];
export const dateOf = (day) => new Date(day * DAY * 1000).toISOString().slice(0, 10);

// ── the chain ──
const TOPICS = Object.fromEntries(
  Object.entries({
    redeemed: 'Redeemed(uint32,uint32,bytes,uint40)',
    voided: 'Voided(uint32,uint32,uint32,uint32,uint32,uint40,uint40,uint40)',
    drafted: 'CampaignDrafted(uint32,address,(bytes32,address,uint40,uint40,uint40,uint16,uint24,uint24,uint24,uint24,uint32,uint64,uint64,uint168,bool,bytes32,uint32),uint40)',
    anchored: 'DayAnchored(uint32,bytes32,uint32,uint96,uint96,bytes32,uint40)',
    granted: 'RoleGranted(uint64,address,uint32,uint48,bool)',
    revoked: 'RoleRevoked(uint64,address)',
  }).map(([name, spelled]) => [name, hex(typed(spelled))]),
);

export class NodeFailure extends Error {}
/** Asks a node by HTTP. */
export function nodeAt(url) {
  return async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const sent = fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body }).then((response) => response.json());
    const answer = await sent.catch((error) => ({ error }));
    if (answer.error || answer.result === undefined) throw new NodeFailure(`${method}: ${answer.error?.message ?? 'no answer'}`);
    return answer.result;
  };
}

class Chain {
  constructor(ask, book) {
    Object.assign(this, { ask, book });
  }

  async block(tag) {
    const found = await this.ask('eth_getBlockByNumber', [typeof tag === 'number' ? '0x' + tag.toString(16) : tag, false]);
    if (!found) throw new NodeFailure(`the node has no block ${tag}`);
    return { number: Number(found.number), time: Number(found.timestamp) };
  }

  /** The first block whose time is not before `time`; one beyond the head where there is none. */
  async firstAt(time) {
    let [low, high] = [0, (await this.block('latest')).number + 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      [low, high] = (await this.block(middle)).time < time ? [middle + 1, high] : [low, middle];
    }
    return low;
  }

  /** Logs of a contract in order, in two halves wherever the node finds the range too long. */
  async logs(address, topics, first, last) {
    if (first > last) return [];
    const range = { fromBlock: '0x' + first.toString(16), toBlock: '0x' + last.toString(16) };
    try {
      return await this.ask('eth_getLogs', [{ address, topics, ...range }]);
    } catch (failure) {
      if (first === last || !(failure instanceof NodeFailure)) throw failure;
      const half = (first + last) >> 1;
      return [...(await this.logs(address, topics, first, half)), ...(await this.logs(address, topics, half + 1, last))];
    }
  }
}

/** The leaves of a log, with the day of its block. */
function leavesOf(log, starts) {
  const data = unhex(log.data);
  const at = (index) => number(data.slice(32 * index, 32 * index + 32));
  const [campaign, second, third] = log.topics.slice(1).map(Number);
  if (log.topics[0] === TOPICS.voided) {
    const of = { kind: 2, campaign, pass: second, merchant: third, bill: 0, amount: at(0), copay: at(1), signed_at: at(2), voided_at: at(3) };
    return { day: dayOf(at(4)), leaves: [of] };
  }
  const leaves = [];
  for (let start = 96; start < 96 + at(2); start += 22) {
    const field = (from, to) => number(data.slice(start + from, start + to));
    const signed_at = starts.get(campaign) + ((field(19, 22) & 0x1fffff) - 1) * 15;
    leaves.push({ kind: 1, campaign, pass: field(0, 4), merchant: field(4, 8), bill: field(8, 12), amount: field(12, 15), copay: field(15, 19), signed_at });
  }
  return { day: dayOf(at(1)), leaves };
}

// ── the verdict ──
/** Exit status and sentences of each verdict. Altered: not the city's word. 6: the city's fault. 8: ask again later. */
export const VERDICTS = {
  proven: [0, 'ใบรับนี้เป็นของเมืองจริง และอยู่ในบัญชีที่ประทับไว้ของวันที่ {date}', 'The receipt is the city’s own, and it stands in the anchored books of {date}.'],
  altered: [3, 'ใบรับนี้ถูกแก้ไข หรือไม่ใช่ของเมืองนี้: {part}', 'The receipt was altered, or is not this city’s: {part}.'],
  contradicted: [6, 'เมืองนำรายการนี้ขึ้นเชนด้วย {part} ที่ต่างจากใบรับซึ่งเมืองลงลายเซ็นไว้', 'The city brought this to the chain with another {part} than it signed for.'],
  omitted: [6, 'ตกหล่น: เมืองลงลายเซ็นรับแล้วแต่ไม่นำขึ้นเชน และหมดเวลาแล้ว ใบรับนี้เป็นหลักฐานว่าเมืองสัญญากับร้าน {merchant} ไว้ {owed} สตางค์', 'Omission: the city signed for this and did not bring it to the chain, and its time is over. The receipt proves that the city promised merchant {merchant} {owed} satang.'],
  anchor_missing: [6, 'บัญชีของวันที่ {date} ไม่เคยถูกประทับ ทั้งที่ประทับวันหลังจากนั้นแล้ว', 'The books of {date} were never anchored, and those of a later day were.'],
  anchor_differs: [6, 'สิ่งที่โหนดเล่าของวันที่ {date} ไม่ตรงกับที่ประทับไว้: โหนดปิดบัง หรือที่ประทับไว้เป็นเท็จ', 'What the node tells of {date} is not what was anchored: the node hides something, or the anchor is false.'],
  not_anchored: [8, 'รายการอยู่บนเชนแล้ว แต่บัญชีของวันที่ {date} ยังไม่ถูกประทับ', 'It is on the chain; the books of {date} are not anchored yet.'],
  not_yet: [8, 'ยังไม่อยู่บนเชน และยังไม่หมดเวลา ตรวจอีกครั้งหลัง {until}', 'It is not on the chain yet and its time is not over: ask again after {until}.'],
};

function verdict(code, details) {
  const [exit, th, en] = VERDICTS[code];
  const filled = (text) => text.replace(/\{(\w+)\}/g, (_, name) => details[name]);
  return { verdict: code, part: null, ...details, exit, th: filled(th), en: filled(en) };
}

/** The receipt in `text` against the chain behind `ask`. Throws TypeError for a text that is no receipt, NodeFailure. */
export async function verifyReceipt({ text, ask, book, anchors }) {
  const { tag, receipt, told, path } = readReceipt(text);
  const chain = new Chain(ask, book);
  const separator = separatorOf(await ask('eth_chainId', []), book);
  const altered = (part) => verdict('altered', { part });
  if (tag && !same(tag, keccak(separator).slice(0, 4))) return altered('city');
  const differing = contradiction(told, receipt);
  if (differing) return altered(differing);
  const signer = signerOf(receiptDigest(separator, receipt), receipt.signature);
  if (!signer || !(await wasSequencer(chain, signer, receipt.accepted_at))) return altered('signature');
  if (told.signer !== undefined && told.signer.toLowerCase() !== signer) return altered('signer');
  const head = await chain.block('latest');
  const anchored = new Map();
  for (const log of await chain.logs(anchors, [TOPICS.anchored], 0, head.number)) {
    const data = unhex(log.data);
    anchored.set(Number(log.topics[1]), { root: data.slice(0, 32), leaves: number(data.slice(32, 64)) });
  }
  return path ? byPath(receipt, path, anchored) : searched(chain, receipt, anchored, head);
}

async function wasSequencer(chain, account, when) {
  const authority = '0x' + (await chain.ask('eth_call', [{ to: chain.book, data: hex(typed('authority()').slice(0, 4)) }, 'latest'])).slice(26);
  const topics = [[TOPICS.granted, TOPICS.revoked], hex(word(SEQUENCER_ROLE)), hex(word(BigInt(account)))];
  let held = false;
  for (const log of await chain.logs(authority, topics, 0, (await chain.block('latest')).number)) {
    const granted = log.topics[0] === TOPICS.granted;
    const since = granted ? number(unhex(log.data).slice(32, 64)) : (await chain.block(Number(log.blockNumber))).time;
    if (since <= when + CLOCK_SECONDS) held = granted;
  }
  return held;
}

function unanchored(day, anchored) {
  return verdict([...anchored.keys()].some((other) => other > day) ? 'anchor_missing' : 'not_anchored', { day, date: dateOf(day) });
}

function byPath(receipt, path, anchored) {
  const { day, position, count } = path;
  const leaf = leafOf(receipt);
  const root = rootFrom(leaf, position, count, path.siblings.map((each) => unhex(each, 32)));
  if (path.leaf !== undefined && path.leaf !== hex(leaf)) return verdict('altered', { part: 'leaf' });
  if (!root || (path.root !== undefined && path.root !== hex(root))) return verdict('altered', { part: 'path' });
  const held = anchored.get(day);
  if (!held) return [...anchored.keys()].some((other) => other > day) ? verdict('altered', { part: 'day' }) : unanchored(day, anchored);
  if (held.leaves !== count || !same(held.root, root)) return verdict('altered', { part: 'root' });
  return verdict('proven', { day, date: dateOf(day) });
}

async function searched(chain, receipt, anchored, head) {
  const starts = new Map();
  for (const log of await chain.logs(chain.book, [TOPICS.drafted], 0, head.number)) {
    starts.set(Number(log.topics[1]), number(unhex(log.data).slice(64, 96)));
  }
  const until = receipt.signed_at + PROMISED_SECONDS;
  let overtaken = false;
  for (let day = dayOf(receipt.signed_at - CLOCK_SECONDS); day <= Math.min(dayOf(until), dayOf(head.time)); day++) {
    const [first, next] = [await chain.firstAt(dayBegins(day)), await chain.firstAt(dayBegins(day + 1))];
    const logs = await chain.logs(chain.book, [[TOPICS.redeemed, TOPICS.voided]], first, Math.min(next - 1, head.number));
    const leaves = logs.map((log) => leavesOf(log, starts)).filter((each) => each.day === day).flatMap((each) => each.leaves);
    const ofPass = leaves.filter((leaf) => leaf.kind === 1 && leaf.campaign === receipt.campaign && leaf.pass === receipt.pass);
    const found = ofPass.find((leaf) => leaf.signed_at === receipt.signed_at);
    const held = anchored.get(day);
    const date = dateOf(day);
    if (held && (held.leaves !== leaves.length || !same(held.root, rootOf(leaves.map(leafOf))))) return verdict('anchor_differs', { day, date });
    const part = found && ['merchant', 'bill', 'amount', 'copay'].find((name) => found[name] !== receipt[name]);
    if (part) return verdict('contradicted', { part, day, date });
    if (found) return held ? verdict('proven', { day, date }) : unanchored(day, anchored);
    overtaken ||= ofPass.some((leaf) => leaf.signed_at > receipt.signed_at);
  }
  if (!overtaken && head.time <= until) return verdict('not_yet', { until: moment(until) });
  return verdict('omitted', { part: overtaken ? 'overtaken' : 'expired', merchant: receipt.merchant, owed: receipt.amount + receipt.copay });
}

/** Bangkok time, to the minute. */
const moment = (time) => new Date((time + BANGKOK) * 1000).toISOString().slice(0, 16).replace('T', ' ');

// ── from the command line ──
async function main(words) {
  const { readFile } = await import('node:fs/promises');
  const option = (name) => (words.includes(name) ? words[words.indexOf(name) + 1] : undefined);
  const file = words.find((each, i) => !each.startsWith('--') && !words[i - 1]?.startsWith('--'));
  const record = option('--deployment') && JSON.parse(await readFile(option('--deployment'), 'utf8')).contracts;
  const address = (name, given) => given ?? record?.[name]?.address ?? record?.[name];
  const book = address('CouponBook', option('--book'));
  const anchors = address('AnchorLog', option('--anchors'));
  if (!file || !option('--rpc') || !book || !anchors) throw new TypeError('RECEIPT --rpc URL (--deployment FILE | --book ADDRESS --anchors ADDRESS)');
  const found = await verifyReceipt({ text: await readFile(file, 'utf8'), ask: nodeAt(option('--rpc')), book, anchors });
  console.log(JSON.stringify(found));
  return found.exit;
}

if (globalThis.process?.argv?.[1] && import.meta.url === (await import('node:url')).pathToFileURL(process.argv[1]).href) {
  process.exitCode = await main(process.argv.slice(2)).catch((error) => {
    console.error(error.message);
    return error instanceof NodeFailure ? 5 : 2;
  });
}
