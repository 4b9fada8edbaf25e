// Several wallets on one phone: which one is used, what each is called, one more, one less.

import { button, el, icon, link, notice } from './dom.js';
import { again, go, heading } from './screens.js';
import { NAME_LENGTH_MAX, WALLETS_MAX, addWallet, chooseWallet, dropWallet, renameWallet, wallets } from './wallets.js';
import { underWay } from './payment.js';
import { t } from './words.js';

/** Use another wallet from now on: the page knows nothing of the one before. */
export async function use(state, slot) {
  await chooseWallet(slot);
  Object.assign(state, { key: null, wallet: null });
}

/** The switch over the coupons, on a phone with several. */
export async function walletSwitch(state) {
  if (!state.wallet?.several) return null;
  return el('fieldset', { class: 'choices wallets' }, el('legend', {}, t('ใช้กระเป๋าของ', 'Whose wallet')), (await wallets()).map((each) =>
    el('label', {}, el('input', { type: 'radio', name: 'wallet', checked: each.chosen, on: { change: async () => {
      await use(state, each.slot);
      again();
    } } }), icon('people'), el('span', { class: 'grow' }, each.name))));
}

const nameField = (id, value, placeholder) => el('input', { id, required: true, maxlength: NAME_LENGTH_MAX, autocomplete: 'off', value, placeholder });

/** A form that makes one more wallet, then `then()`. */
export function newWalletForm(state, words, then) {
  const name = nameField('wallet-name', '', t('เช่น คุณยาย', 'e.g. Grandmother'));
  const press = el('button', { type: 'submit', class: 'button main' }, icon('people'), words);
  const submit = async (event) => {
    event.preventDefault();
    press.disabled = true;
    await addWallet(name.value.trim());
    Object.assign(state, { key: null, wallet: null });
    then();
  };
  return el('form', { on: { submit } }, el('label', { for: 'wallet-name' }, t('กระเป๋านี้ของใคร', 'Whose wallet is it')), name, press);
}

export async function walletsScreen(showing, state) {
  const all = await wallets();
  const { slot, name, several, key } = state.wallet;
  const field = nameField('name', name, '');
  const told = el('div', { 'aria-live': 'polite' });
  const rename = async (event) => {
    event.preventDefault();
    await renameWallet(slot, field.value.trim());
    state.wallet = null;
    again();
  };
  const drop = button(t('ลบออกจากเครื่องนี้', 'Take it off this phone'), async () => {
    if (await underWay(key.address)) {
      return told.replaceChildren(notice('bad', 'cross', t('มีรายการจ่ายที่ยังไม่รู้ผล', 'A payment is still under way.'), t('เปิด “สแกน” แล้วส่งรายการเดิมอีกครั้งก่อน', 'Open “Scan” and send it again first.')));
    }
    drop.disabled = true;
    await dropWallet(slot);
    Object.assign(state, { key: null, wallet: null });
    return go('#');
  }, { kind: 'danger' });
  showing.draw(heading(t('กระเป๋าในเครื่องนี้', 'Wallets on this phone')),
    await walletSwitch(state),
    el('p', {}, t('แต่ละกระเป๋ามีกุญแจ คูปอง และแผ่นกู้คืนของตัวเอง ไม่ปนกัน', 'Each wallet has a key, coupons and a recovery sheet of its own. They are never mixed.')),
    el('section', { class: 'part' }, el('h2', {}, t('ชื่อของกระเป๋าที่ใช้อยู่', 'The name of the one in use')),
      el('form', { on: { submit: rename } }, el('label', { for: 'name' }, t('ชื่อ (เห็นเฉพาะในเครื่องนี้)', 'Name (seen on this phone alone)')), field,
        el('button', { type: 'submit', class: 'button second' }, t('บันทึกชื่อ', 'Save the name')))),
    el('section', { class: 'part' }, el('h2', {}, t('เพิ่มกระเป๋าของคนในบ้าน', 'One more, for somebody at home')),
      all.length < WALLETS_MAX ? newWalletForm(state, t('เพิ่มกระเป๋า', 'Add a wallet'), () => go('#'))
        : notice('busy', 'people', t(`เครื่องหนึ่งมีได้ ${WALLETS_MAX} กระเป๋า`, `A phone holds at most ${WALLETS_MAX} wallets.`)),
      link(t('นำกระเป๋าที่สำรองไว้กลับมา', 'Bring a backed-up wallet here'), '#restore', { kind: 'second', drawing: 'key' })),
    several && el('details', {}, el('summary', {}, t(`ลบ “${name}” ออกจากเครื่องนี้`, `Take “${name}” off this phone`)),
      el('p', {}, t('กุญแจจะหายไปจากเครื่องนี้ หากไม่มีแผ่นกู้คืน ต้องนำบัตรประชาชนไปเทศบาลเพื่อขอคูปองคืน',
        'Its key leaves this phone. Without its recovery sheet, getting the coupons back takes a visit to the city with an ID.')),
      el('div', { class: 'actions' }, link(t('สำรองกุญแจก่อน', 'Back it up first'), '#key', { kind: 'second', drawing: 'key' }), drop, told)),
    link(t('กลับ', 'Back'), '#more', { kind: 'second', drawing: 'back' }));
}
