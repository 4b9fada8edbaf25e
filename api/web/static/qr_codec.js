// The text of our QR codes: ORIGIN/Q/BODY, one spelling for each value (docs/wire-format.md).

import { fromBase32, joined, ofNumber, toBase32, toHex, toNumber } from './bytes.js';

export const TEXT_LENGTH_MAX = 300;

const number = (name, width) => ({ name, width, kind: 'number' });
const bytes = (name, width) => ({ name, width, kind: 'bytes' });
const LAYOUTS = [
  {
    kind: 'present',
    first: 0x11,
    fields: [number('campaign', 4), number('bill', 4), number('amount', 3), number('copay', 4),
      number('signedAt', 5), bytes('r', 32), bytes('vs', 32)],
  },
  { kind: 'charge', first: 0x12, fields: [number('merchant', 4), number('bill', 4), bytes('reference', 8)] },
  { kind: 'paper', first: 0x13, fields: [{ name: 'pinNeeded', width: 1, kind: 'flag' }, bytes('seed', 16)] },
  {
    kind: 'receipt',
    first: 0x14,
    fields: [number('campaign', 4), number('pass', 4), number('merchant', 4), number('bill', 4),
      number('amount', 3), number('copay', 4), number('signedAt', 5), number('acceptedAt', 5),
      bytes('policy', 32), bytes('r', 32), bytes('vs', 32)],
  },
];
const LABEL = '[A-Z0-9](?:[A-Z0-9-]{0,61}[A-Z0-9])?';
const ORIGIN = new RegExp(`^(HTTPS?)://(${LABEL}(?:\\.${LABEL})*)(?::([1-9][0-9]{0,4}))?$`);
const PRIVATE = /^(LOCALHOST|(127|10)(\.\d{1,3}){3}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|192\.168(\.\d{1,3}){2})$/;
const SHAPE = /^(HTTPS?:\/\/[A-Z0-9.:-]{1,80})\/Q\/([A-Z2-7]*)$/;

/** An origin in its one spelling; plain HTTP only where nobody stands between phone and server. */
function isOrigin(text) {
  const found = text.length <= 80 ? ORIGIN.exec(text) : null;
  if (!found) return false;
  const [, scheme, host, port] = found;
  if (port === { HTTP: '80', HTTPS: '443' }[scheme] || Number(port ?? 1) > 65_535) return false;
  return scheme === 'HTTPS' || PRIVATE.test(host);
}

/** BODY of a code: `{kind, …fields}`. Throws RangeError for what would not read back the same. */
export function encodeBody(code, tag) {
  const layout = LAYOUTS.find((each) => each.kind === code.kind);
  const parts = layout.fields.map(({ name, width, kind }) => {
    if (kind !== 'bytes') return ofNumber(Number(code[name]), width);
    if (code[name].length !== width) throw new RangeError(`${name} has not ${width} bytes`);
    return code[name];
  });
  return toBase32(joined(Uint8Array.of(layout.first), tag, ...parts));
}

export function encodeText(code, origin, tag) {
  return `${origin}/Q/${encodeBody(code, tag)}`;
}

/** The code of a BODY with its deployment's tag in hexadecimal; null for any other text. */
export function decodeBody(body) {
  const raw = fromBase32(body);
  const layout = raw && LAYOUTS.find((each) => each.first === raw[0]);
  if (!layout) return null;
  const size = layout.fields.reduce((sum, field) => sum + field.width, 5);
  if (raw.length !== size) return null;
  const code = { kind: layout.kind, tag: toHex(raw.slice(1, 5)) };
  let position = 5;
  for (const { name, width, kind } of layout.fields) {
    const value = raw.slice(position, position + width);
    position += width;
    if (kind === 'flag' && value[0] > 1) return null;
    code[name] = kind === 'bytes' ? value : kind === 'flag' ? value[0] === 1 : toNumber(value);
  }
  return code;
}

/** As `decodeBody`, of the whole text; null for a text that is no code of ours. */
export function decodeText(text) {
  const found = text.length <= TEXT_LENGTH_MAX ? SHAPE.exec(text) : null;
  return found && isOrigin(found[1]) ? decodeBody(found[2]) : null;
}

const MISREAD = { 0: 'O', 1: 'I', 8: 'B' };

/**
 * What a person typed or pasted: a whole code or its BODY, in any case, with blanks and dashes. BODY
 * has no 0, 1 or 8: who typed one read a letter as a digit.
 */
export function decodeTyped(text) {
  const upper = text.trim().toUpperCase();
  return decodeText(upper) ?? decodeBody(upper.replace(/[\s-]/g, '').replace(/[018]/g, (digit) => MISREAD[digit]));
}
