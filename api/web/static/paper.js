// A paper coupon that was read: its key, derived here, and the PIN that is part of it.

import { joined, ofText } from './bytes.js';
import { el, notice } from './dom.js';
import { heading } from './screens.js';
import { addressOf, isPrivateKey, signDigest } from './signatures.js';
import { keccak } from './typed_data.js';
import { t } from './words.js';

const PIN = /^\d{4,12}$/;

/** The key of a paper (docs/wire-format.md); the caller forgets it when it is done. */
export function paperKey(seed, pin = '') {
  let candidate = keccak(joined(ofText('nakhon paper 1'), seed, ofText(pin)));
  while (!isPrivateKey(candidate)) candidate = keccak(candidate);
  return { address: addressOf(candidate), sign: async (digest) => signDigest(digest, candidate), forget: () => candidate.fill(0) };
}

/**
 * Ask for the PIN of a paper, then `then(key, wrong)`: `wrong()` says that no pass has this key, and
 * leaves the PIN to be typed again.
 */
export function askPin(showing, seed, { label, back }, then) {
  const field = el('input', { id: 'pin', type: 'password', inputmode: 'numeric', pattern: '[0-9]{4,12}', maxlength: 12, autocomplete: 'off', required: true });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const wrong = () => {
    told.replaceChildren(notice('bad', 'cross', t('รหัสไม่ตรงกับกระดาษนี้ หรือกระดาษถูกย้ายไปแล้ว', 'Another PIN, or the paper has moved already.'),
      t('ตรวจรหัสบนซองแล้วลองอีกครั้ง', 'Check the PIN on the envelope and try again.')));
    field.value = '';
    field.focus();
  };
  const submit = (event) => {
    event.preventDefault();
    if (!PIN.test(field.value)) return told.replaceChildren(notice('bad', 'cross', t('รหัสเป็นตัวเลข 4 ถึง 12 หลัก', 'The PIN is 4 to 12 digits.')));
    told.replaceChildren(notice('busy', 'wait', t('กำลังตรวจ…', 'Checking…')));
    return then(paperKey(seed, field.value), wrong);
  };
  showing.draw(heading(t('รหัส PIN ของกระดาษ', 'The paper’s PIN')), el('form', { on: { submit } },
    el('label', { for: 'pin' }, label), field, told, el('button', { type: 'submit', class: 'button main' }, t('ต่อไป', 'Next'))), back);
  field.focus();
}

/** A paper without a pass: what became of it, and whom to ask. */
export const movedNotice = () => notice('bad', 'paper', t('กระดาษนี้ไม่มีบัตรแล้ว อาจถูกย้ายไปเครื่องอื่น', 'This paper holds no pass any more: it may have moved to another phone.'),
  t('หากพิมพ์รหัสเอง ตรวจทุกตัวแล้วพิมพ์ใหม่', 'Where you typed its code, check each letter and type it again.'),
  t('ถามเทศบาล พร้อมนำกระดาษไปด้วย', 'Ask the city, and bring the paper.'));
