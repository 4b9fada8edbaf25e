// secp256k1 as Ethereum uses it; signatures are the 64 compact bytes of EIP-2098.

import { ecdsa, weierstrass } from './vendor/curves/abstract/weierstrass.js';
import { sha256 } from './vendor/hashes/sha2.js';
import { keccak_256 } from './vendor/hashes/sha3.js';
import { joined, ofText, toHex } from './bytes.js';

// SEC 2, 2.4.1.
const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const HALF_ORDER = ORDER / 2n;
const Point = weierstrass({
  p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2fn,
  n: ORDER,
  h: 1n,
  a: 0n,
  b: 7n,
  Gx: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  Gy: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
});
const secp256k1 = ecdsa(Point, sha256);

export function newPrivateKey() {
  return secp256k1.utils.randomSecretKey();
}

export function isPrivateKey(bytes) {
  return secp256k1.utils.isValidSecretKey(bytes);
}

/** The checksummed address (EIP-55) of a private key. */
export function addressOf(privateKey) {
  return addressOfPoint(secp256k1.getPublicKey(privateKey, false));
}

function addressOfPoint(uncompressed) {
  const digits = toHex(keccak_256(uncompressed.slice(1)).slice(12));
  const checks = toHex(keccak_256(ofText(digits)));
  return '0x' + Array.from(digits, (digit, i) => (checks[i] >= '8' ? digit.toUpperCase() : digit)).join('');
}

/** Sign 32 bytes: r and vs, with the low s. */
export function signDigest(digest, privateKey) {
  const signed = secp256k1.sign(digest, privateKey, { prehash: false, format: 'recovered' });
  const vs = signed.slice(33);
  vs[0] |= signed[0] << 7;
  return joined(signed.slice(1, 33), vs);
}

/** Who signed these 32 bytes; null for a signature that is none. */
export function recoverAddress(digest, compact) {
  const parity = compact[32] >> 7;
  const bytes = compact.slice();
  bytes[32] &= 0x7f;
  if (BigInt('0x' + toHex(bytes.slice(32))) > HALF_ORDER) return null;
  try {
    const signature = joined(Uint8Array.of(parity), bytes);
    const point = secp256k1.recoverPublicKey(signature, digest, { prehash: false });
    return addressOfPoint(Point.fromBytes(point).toBytes(false));
  } catch {
    return null;
  }
}

