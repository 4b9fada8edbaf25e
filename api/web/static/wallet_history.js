// Slips and history, as the city tells them now, with the states they really have.

import { button, el, link, notice } from './dom.js';
import { historyRow, slip } from './slip.js';
import { heading } from './screens.js';
import { t } from './words.js';

const SETTLED = ['final', 'voided', 'failed'];

const titleOf = (status) => ({
  failed: t('จ่ายไม่สำเร็จ', 'It did not go through'), voided: t('ร้านคืนสิทธิ์แล้ว', 'The shop gave it back'),
})[status] ?? t('จ่ายสำเร็จ', 'Paid');

export async function slipScreen(showing, state, id) {
  showing.draw(heading(t('สลิป', 'Slip')));
  let shown = null;
  const look = async () => {
    const of = await state.city.get(`/v1/redemptions/${encodeURIComponent(id)}`);
    if (of.status === shown) return of;
    shown = of.status;
    showing.draw(heading(titleOf(of.status)), slip(of, state.cityName),
      link(t('กลับไปที่คูปอง', 'Back to my coupons'), '#', { kind: 'second', drawing: 'back' }));
    return of;
  };
  const of = await look();
  if (!SETTLED.includes(of.status)) showing.repeat(4, () => look().catch(() => {}));
}

export async function historyScreen(showing, state) {
  showing.draw(heading(t('ประวัติการใช้', 'History')), el('div', { class: 'card waiting', 'aria-hidden': 'true' }));
  const list = el('ul', { class: 'rows' });
  const more = button(t('ดูเก่ากว่านี้', 'Older ones'), () => next(), { kind: 'second' });
  let cursor = null;
  async function next() {
    more.disabled = true;
    const page = await state.city.signed(state.key, `/v1/me/redemptions?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    list.append(...page.items.map((each) => historyRow(each)));
    cursor = page.next;
    more.disabled = false;
    more.hidden = cursor === null;
  }
  await next();
  showing.draw(heading(t('ประวัติการใช้', 'History')),
    list.children.length ? [list, more] : notice('busy', 'list', t('ยังไม่เคยใช้คูปอง', 'Nothing has been spent yet.')));
}
