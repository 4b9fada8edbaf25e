// EIP-712 digests of what we sign, as docs/wire-format.md spells them.

import { keccak_256 } from './vendor/hashes/sha3.js';
import { fromHex, joined, ofNumber, ofText } from './bytes.js';

const typehash = (spelled) => keccak_256(ofText(spelled));
const DOMAIN = typehash('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)');
const REDEMPTION = typehash(
  'Redemption(uint32 campaign,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,uint40 signedAt)',
);
const VOID = typehash('Void(uint32 campaign,uint32 pass,uint32 merchant,uint32 amount,uint40 signedAt,uint40 voidedAt)');
const RECEIPT = typehash(
  'Receipt(uint32 campaign,uint32 pass,uint32 merchant,uint32 bill,uint32 amount,uint32 copay,' +
    'uint40 signedAt,uint40 acceptedAt,bytes32 policy)',
);
const REQUEST = typehash('Request(string method,string path,bytes32 body,uint40 signedAt)');
const MOVE = typehash('Move(uint32 pass,address from,address to,uint40 signedAt)');

const word = (value) => ofNumber(value, 32);
const whole = (separator, struct) => keccak_256(joined(Uint8Array.of(0x19, 0x01), separator, keccak_256(struct)));

export const keccak = keccak_256;

export function domainSeparator(chainId, book) {
  const fixed = [keccak_256(ofText('Nakhon')), keccak_256(ofText('1'))];
  return keccak_256(joined(DOMAIN, ...fixed, word(chainId), word(book)));
}

/** The four bytes that tell one city's codes from another's. */
export function deploymentTag(separator) {
  return keccak_256(separator).slice(0, 4);
}

export function redemptionDigest(separator, of) {
  const fields = [of.campaign, of.merchant, of.bill, of.amount, of.copay, of.signedAt];
  return whole(separator, joined(REDEMPTION, ...fields.map(word)));
}

export function voidDigest(separator, of) {
  const fields = [of.campaign, of.pass, of.merchant, of.amount, of.signedAt, of.voidedAt];
  return whole(separator, joined(VOID, ...fields.map(word)));
}

export function receiptDigest(separator, of) {
  const fields = [of.campaign, of.pass, of.merchant, of.bill, of.amount, of.copay, of.signedAt, of.acceptedAt];
  return whole(separator, joined(RECEIPT, ...fields.map(word), fromHex(of.policy)));
}

/** What the new key of a pass signs: it wants the pass, and can sign for it. */
export function moveDigest(separator, of) {
  return whole(separator, joined(MOVE, ...[of.pass, of.from, of.to, of.signedAt].map(word)));
}

/** `path` with its query as it is sent; `body` its raw bytes. */
export function requestDigest(separator, { method, path, body, signedAt }) {
  const texts = [keccak_256(ofText(method)), keccak_256(ofText(path)), keccak_256(body)];
  return whole(separator, joined(REQUEST, ...texts, word(signedAt)));
}
