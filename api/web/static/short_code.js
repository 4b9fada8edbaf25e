// A charge as a person types it: SHOP-BAHT-XXXX-XXXX-XXXX. The letters are the reference our tills make
// (four bytes of the till's address, a count of thirteen bits) and fifteen bits that check all of it.

import { fromBase32, joined, ofNumber, toBase32, toHex } from './bytes.js';
import { keccak } from './typed_data.js';

const COUNT_BITS = 13n;
const COUNTED = 'nakhon charges';
const CHECK_BITS = 15n;
const SHAPE = /^(\d{1,10})-(\d{1,8})(?:\.(\d{2}))?-([A-Z2-7]{12})$/;

/**
 * The reference of a new charge of the till at `address`: 8 bytes. It counts, from anywhere, so that
 * thousands of charges go by before one comes again: an old payment never answers a new charge.
 */
export function newReference(address) {
  const before = Number(localStorage.getItem(COUNTED) ?? crypto.getRandomValues(new Uint16Array(1))[0]);
  const count = (before + 1) % 2 ** Number(COUNT_BITS);
  localStorage.setItem(COUNTED, String(count));
  return joined(tillPrefix(address), ofNumber(count, 4));
}

/** The first half tells which device asked, so that its day can be counted. */
export const tillPrefix = (address) => keccak(ofNumber(BigInt(address), 20)).slice(0, 4);

function check(tag, { merchant, bill, reference }) {
  const hash = keccak(joined(tag, ofNumber(merchant, 4), ofNumber(bill, 4), reference));
  return BigInt('0x' + toHex(hash.slice(0, 2))) >> (16n - CHECK_BITS);
}

/** The short code of a charge with an amount; null for a reference of another making. */
export function shortCode(code, tag) {
  const [prefix, count] = [BigInt('0x' + toHex(code.reference.slice(0, 4))), BigInt('0x' + toHex(code.reference.slice(4)))];
  if (!code.bill || count >> COUNT_BITS) return null;
  const bits = (((prefix << COUNT_BITS) | count) << CHECK_BITS) | check(tag, code);
  const letters = toBase32(ofNumber(bits << 4n, 8)).slice(0, 12).match(/.{4}/g).join('-');
  const [whole, part] = [Math.floor(code.bill / 100), code.bill % 100];
  return `${code.merchant}-${whole}${part ? `.${String(part).padStart(2, '0')}` : ''}-${letters}`;
}

/** The charge a short code names, or null for any other text: a mistyped letter is noticed. */
export function decodeShort(text, tag) {
  const [shop, baht, ...letters] = text.trim().toUpperCase().replace(/\s/g, '').split('-');
  const found = SHAPE.exec(`${shop}-${baht}-${letters.join('')}`);
  const read = found && fromBase32(`${found[4]}A`);
  if (!read) return null;
  const bits = BigInt('0x' + toHex(read)) >> 4n;
  const reference = joined(ofNumber(bits >> (COUNT_BITS + CHECK_BITS), 4), ofNumber((bits >> CHECK_BITS) & ((1n << COUNT_BITS) - 1n), 4));
  const charge = { merchant: Number(found[1]), bill: Number(found[2]) * 100 + Number(found[3] ?? 0), reference };
  if (!charge.merchant || !charge.bill || charge.merchant >= 2 ** 32 || charge.bill >= 2 ** 32) return null;
  if ((bits & ((1n << CHECK_BITS) - 1n)) !== check(tag, charge)) return null;
  return { kind: 'charge', tag: toHex(tag), ...charge };
}
