// The wallets of this phone: a key each, named by a person, one of them chosen. A family shares a phone;
// keys, coupons and payments under way are never shared.

import { createKey, deviceKey, forgetKey, restoreKey } from './keys.js';
import { forget, keep, kept } from './store.js';
import { t } from './words.js';

export const WALLETS_MAX = 8;
export const NAME_LENGTH_MAX = 24;
const FIRST = 'wallet';

/** `{chosen, items: [{slot, name}]}`: where each key is kept, and what a person calls it. */
async function list() {
  return (await kept('wallets')) ?? { chosen: FIRST, items: (await deviceKey(FIRST)) ? [{ slot: FIRST, name: '' }] : [] };
}

const shown = (item, index) => ({ ...item, name: item.name || (index ? t(`กระเป๋าที่ ${index + 1}`, `Wallet ${index + 1}`) : t('กระเป๋าของฉัน', 'My wallet')) });

/** All wallets by the names people see. */
export async function wallets() {
  const { chosen, items } = await list();
  return items.map((item, index) => ({ ...shown(item, index), chosen: item.slot === chosen }));
}

/** The chosen one with its key: `{slot, name, several, key}`; null on a phone without any. */
export async function openWallet() {
  const all = await wallets();
  const chosen = all.find((each) => each.chosen) ?? all[0];
  const key = chosen && await deviceKey(chosen.slot);
  return key ? { slot: chosen.slot, name: chosen.name, several: all.length > 1, key } : null;
}

export async function chooseWallet(slot) {
  await keep('wallets', { ...await list(), chosen: slot });
}

export async function renameWallet(slot, name) {
  const { chosen, items } = await list();
  await keep('wallets', { chosen, items: items.map((each) => (each.slot === slot ? { slot, name } : each)) });
}

const newSlot = (items) => (items.length ? `${FIRST}-${crypto.randomUUID()}` : FIRST);

async function add(slot, name) {
  const { items } = await list();
  const others = items.filter((each) => each.slot !== slot);
  await keep('wallets', { chosen: slot, items: others.length < items.length ? items : [...others, { slot, name }] });
}

/** Make one more wallet and choose it. */
export async function addWallet(name) {
  const { items } = await list();
  if (items.length >= WALLETS_MAX) throw new RangeError('too many wallets');
  const slot = newSlot(items);
  await createKey(slot);
  // A first key is listed already, by its place.
  await add(slot, name);
}

/** Bring a wallet back beside the others, or again in its own place, and choose it. */
export async function restoreWallet(keyfile, password, name) {
  const { items } = await list();
  let slot = newSlot(items);
  await restoreKey(async (address) => {
    for (const each of items) if ((await deviceKey(each.slot))?.address === address) slot = each.slot;
    return slot;
  }, keyfile, password);
  await add(slot, name);
}

/** Take a wallet off this phone: its key, what was kept of its coupons, and its name. */
export async function dropWallet(slot) {
  const { items } = await list();
  const left = items.filter((each) => each.slot !== slot);
  const { address } = await deviceKey(slot);
  await keep('wallets', { chosen: left[0]?.slot ?? FIRST, items: left });
  await forgetKey(slot);
  await forget(`coupons:${address}`);
}
