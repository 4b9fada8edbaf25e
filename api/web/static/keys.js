// The key of this device. It is made here, wrapped by a key that the browser never shows, kept in
// this browser, and sent nowhere. Backups are Ethereum keyfiles (V3), locked by a password.

import { fromHex, joined, toHex } from './bytes.js';
import { forget, keep, kept } from './store.js';
import { keccak } from './typed_data.js';

const ROUNDS = 600_000;
const ROUNDS_MAX = 5_000_000;
const FRAME_MS_MAX = 50;

/** The curve, fetched when it is first needed. What was pressed shows before it takes the processor. */
async function curve() {
  await new Promise((resolve) => {
    requestAnimationFrame(() => setTimeout(resolve));
    // A page that nobody sees draws no frame.
    setTimeout(resolve, FRAME_MS_MAX);
  });
  return import('./signatures.js');
}

/** Signs with the key called `name`. The private key is in memory only while it signs. */
export class DeviceKey {
  constructor(record) {
    this.record = record;
    this.address = record.address;
  }

  async #unwrapped() {
    const { iv, wrapped, wrapper } = this.record;
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, wrapper, wrapped));
  }

  async sign(digest) {
    const { signDigest } = await curve();
    const privateKey = await this.#unwrapped();
    try {
      return signDigest(digest, privateKey);
    } finally {
      privateKey.fill(0);
    }
  }

  async keyfile(password) {
    const privateKey = await this.#unwrapped();
    try {
      return await lock(privateKey, this.address, password);
    } finally {
      privateKey.fill(0);
    }
  }
}

export async function deviceKey(name) {
  const record = await kept(`key:${name}`);
  if (!record) return null;
  // It is going to sign: the curve comes while the city is asked for other things.
  import('./signatures.js').catch(() => {});
  return new DeviceKey(record);
}

export async function createKey(name) {
  const { newPrivateKey } = await curve();
  return keepKey(name, newPrivateKey());
}

async function keepKey(name, privateKey) {
  const { addressOf } = await curve();
  const wrapper = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const wrapped = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, wrapper, privateKey);
  const record = { address: addressOf(privateKey), wrapper, iv, wrapped };
  privateKey.fill(0);
  await keep(`key:${name}`, record);
  return new DeviceKey(record);
}

async function stretched(password, salt, rounds) {
  const text = new TextEncoder().encode(password);
  const base = await crypto.subtle.importKey('raw', text, 'PBKDF2', false, ['deriveBits']);
  const derived = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds };
  return new Uint8Array(await crypto.subtle.deriveBits(derived, base, 256));
}

async function counted(bytes, key, iv) {
  const cipher = await crypto.subtle.importKey('raw', key, 'AES-CTR', false, ['encrypt']);
  return new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CTR', counter: iv, length: 128 }, cipher, bytes));
}

async function lock(privateKey, address, password) {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const iv = crypto.getRandomValues(new Uint8Array(16));
  const key = await stretched(password, salt, ROUNDS);
  const ciphertext = await counted(privateKey, key.slice(0, 16), iv);
  return {
    version: 3,
    id: crypto.randomUUID(),
    address: address.slice(2).toLowerCase(),
    crypto: {
      cipher: 'aes-128-ctr',
      cipherparams: { iv: toHex(iv) },
      ciphertext: toHex(ciphertext),
      kdf: 'pbkdf2',
      kdfparams: { c: ROUNDS, dklen: 32, prf: 'hmac-sha256', salt: toHex(salt) },
      mac: toHex(keccak(joined(key.slice(16), ciphertext))),
    },
  };
}

export const forgetKey = (name) => forget(`key:${name}`);

/** Bring back a key from our backup to where `place(address)` says. Throws TypeError for another file or password. */
export async function restoreKey(place, keyfile, password) {
  const { ciphertext, cipherparams, kdf, kdfparams, mac } = keyfile?.crypto ?? {};
  if (keyfile?.version !== 3 || kdf !== 'pbkdf2' || !(kdfparams?.c <= ROUNDS_MAX)) throw new TypeError('not a backup');
  const key = await stretched(password, fromHex(kdfparams.salt), kdfparams.c);
  const locked = fromHex(ciphertext);
  if (toHex(keccak(joined(key.slice(16), locked))) !== mac) throw new TypeError('another password');
  const privateKey = await counted(locked, key.slice(0, 16), fromHex(cipherparams.iv));
  const { addressOf, isPrivateKey } = await curve();
  if (!isPrivateKey(privateKey)) throw new TypeError('no key in it');
  return keepKey(await place(addressOf(privateKey)), privateKey);
}
