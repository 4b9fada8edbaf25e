// A file to choose, in the page's own words: a browser's own control speaks the browser's language.

import { el, icon } from './dom.js';
import { t } from './words.js';

/** `chosen(file)` is told each choice. `forget()` makes it as if none was chosen. */
export function pickFile(words, attributes, chosen = () => {}) {
  const named = el('span', { class: 'small', 'aria-live': 'polite' });
  const name = () => { named.textContent = input.files[0]?.name ?? t('ยังไม่ได้เลือกไฟล์', 'No file chosen yet'); };
  const input = el('input', { type: 'file', class: 'unseen', ...attributes, on: { change: () => {
    name();
    if (input.files.length) chosen(input.files[0]);
  } } });
  name();
  const forget = () => {
    input.value = '';
    name();
  };
  return { input, forget, field: el('div', { class: 'pick' }, input, el('label', { for: attributes.id, class: 'button second' }, icon('paper'), words), named) };
}
