// The bill is typed; then the shop shows a charge, or scans the resident.

import { fromHex, toHex } from './bytes.js';
import { button, el, icon, notice } from './dom.js';
import { go, heading } from './screens.js';
import { readySound } from './sound.js';
import { keccak } from './typed_data.js';
import { satangOf, shopName, t } from './words.js';

export const tillName = (till) => shopName(till.name, till.merchant);

export async function billScreen(showing, state) {
  const field = el('input', { id: 'bill', class: 'money', inputmode: 'decimal', autocomplete: 'off', placeholder: '0' });
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const onward = (next) => () => {
    const bill = satangOf(field.value);
    if (bill === null) {
      told.replaceChildren(notice('bad', 'cross', t('ใส่ยอดบิลก่อน เช่น 120 หรือ 120.50', 'Type the bill first, like 120 or 120.50.')));
      return field.focus();
    }
    readySound();
    return next(bill);
  };
  showing.draw(heading(tillName(state.till)), el('label', { for: 'bill' }, t('ยอดบิล (บาท)', 'The bill (baht)')), field, keypad(field),
    el('div', { class: 'actions' },
      button(t('แสดงคิวอาร์เรียกเก็บ', 'Show a charge QR'), onward((bill) => go(`charge/${bill}/${newReference(state.key)}`)), { drawing: 'show' }),
      button(t('สแกนคิวอาร์ลูกค้า', 'Scan the customer'), onward((bill) => go(`scan/${bill}`)), { kind: 'second', drawing: 'scan' })), told);
}

// The first half tells which device asked, so that its day can be counted; the other half is chance.
const newReference = (key) => toHex(keccak(fromHex(key.address)).slice(0, 4)) + toHex(crypto.getRandomValues(new Uint8Array(4)));

function keypad(field) {
  const press = (key) => () => {
    field.value = key === '⌫' ? field.value.slice(0, -1) : (field.value + key).slice(0, 11);
  };
  return el('div', { class: 'keypad' }, [...'123456789.0', '⌫'].map((key) => el('button', {
    type: 'button', 'aria-label': key === '⌫' ? t('ลบ', 'Delete') : key === '.' ? t('จุด', 'Point') : key, on: { click: press(key) },
  }, key === '⌫' ? icon('back') : key)));
}
