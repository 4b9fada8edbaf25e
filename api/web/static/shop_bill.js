// The bill is typed; then the shop shows a charge, or scans the resident.

import { toHex } from './bytes.js';
import { button, el, icon, notice } from './dom.js';
import { go, heading } from './screens.js';
import { newReference } from './short_code.js';
import { readySound } from './sound.js';
import { satangOf, shopName, t } from './words.js';

const SOUND_AFTER_MS = 150;

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
    next(bill);
    // The next screen comes first: a loudspeaker takes a slow phone long to open.
    return setTimeout(readySound, SOUND_AFTER_MS);
  };
  const charge = onward((bill) => go(`charge/${bill}/${toHex(newReference(state.key.address))}`));
  const entered = (event) => {
    event.preventDefault();
    charge();
  };
  showing.draw(heading(tillName(state.till)), el('form', { on: { submit: entered } }, el('label', { for: 'bill' }, t('ยอดบิล (บาท)', 'The bill (baht)')), field), keypad(field),
    el('div', { class: 'actions' },
      button(t('แสดงคิวอาร์เรียกเก็บ', 'Show a charge QR'), charge, { drawing: 'show' }),
      button(t('สแกนคิวอาร์ลูกค้า', 'Scan the customer'), onward((bill) => go(`scan/${bill}`)), { kind: 'second', drawing: 'scan' })), told);
}

function keypad(field) {
  const press = (key) => () => {
    field.value = key === '⌫' ? field.value.slice(0, -1) : (field.value + key).slice(0, 11);
  };
  return el('div', { class: 'keypad' }, [...'123456789.0', '⌫'].map((key) => el('button', {
    type: 'button', 'aria-label': key === '⌫' ? t('ลบ', 'Delete') : key === '.' ? t('จุด', 'Point') : key, on: { click: press(key) },
  }, key === '⌫' ? icon('back') : key)));
}
