// Bytes and the ways we spell them. All integers are big-endian.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function toHex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of hexadecimal digits, with or without 0x. */
export function fromHex(text) {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (digits.length % 2 || /[^0-9a-f]/i.test(digits)) throw new TypeError('not hexadecimal');
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let position = 0;
  for (const part of parts) {
    whole.set(part, position);
    position += part.length;
  }
  return whole;
}

/** Exactly `width` bytes of a whole number; nothing is cut off. */
export function ofNumber(value, width) {
  const number = BigInt(value);
  if (number < 0n || number >= 1n << BigInt(8 * width)) throw new RangeError(`does not fit ${width} bytes`);
  return fromHex(number.toString(16).padStart(2 * width, '0'));
}

/** Numbers here have at most five bytes, which a JavaScript number holds exactly. */
export function toNumber(bytes) {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

export function ofText(text) {
  return new TextEncoder().encode(text);
}

/** RFC 4648 base32 in capitals, without padding. */
export function toBase32(bytes) {
  let text = '';
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** The one value of a base32 text; null for any text that `toBase32` does not write. */
export function fromBase32(text) {
  const bytes = new Uint8Array(Math.floor((text.length * 5) / 8));
  let held = 0;
  let bits = 0;
  let position = 0;
  for (const letter of text) {
    const value = ALPHABET.indexOf(letter);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[position++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return toBase32(bytes) === text ? bytes : null;
}
