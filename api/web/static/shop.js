// The shop's page: which screens there are and what they share.

import { openCity } from './city.js';
import { deviceKey, restoreKey } from './keys.js';
import { dressHead, go, keepPages, later, soon, startScreens, watchNet } from './screens.js';
import { billScreen } from './shop_bill.js';
import { revokedScreen, todayScreen, welcome } from './shop_device.js';
import { keep, kept } from './store.js';
import { t } from './words.js';

const take = () => import('./shop_take.js');
const slips = () => import('./slip.js');
const asked = () => import('./shop_asked.js');
const stubs = () => import('./shop_stubs.js');
const owners = () => import('./shop_owner.js');
const keys = () => import('./wallet_key.js');
const voids = () => import('./shop_void.js');
const main = document.querySelector('main');
const state = {
  city: null, key: null, till: null, revoked: false, keyName: 'shop', keyHome: '#device', cityName: document.body.dataset.city,
  holdsKey: async () => (await deviceKey('shop')) !== null,
  restore: async (keyfile, password) => {
    state.key = await restoreKey(async () => 'shop', keyfile, password);
    state.till = null;
  },
};

/** Whose till this is, from the net, else as this device knew it last. */
async function readTill() {
  try {
    const till = await state.city.signed(state.key, '/v1/till');
    await keep('till', till);
    return till;
  } catch (refused) {
    const before = await kept('till');
    if (refused.status === 0 && before?.address === state.key.address) return before;
    state.revoked = refused.code === 'device_revoked';
    if (state.revoked || refused.code === 'unknown_merchant') return null;
    throw refused;
  }
}

/** A till keeps what it takes, and an owner hears what cashiers ask for, once the first screen stands. */
function hearTill() {
  if (state.heardBy === state.key) return;
  state.heardBy = state.key;
  const owner = state.till.role === 'owner';
  soon(...(owner ? [asked, stubs] : [stubs])).then(async () => {
    if (owner) (await asked()).watchAsked(state);
    (await stubs()).watchStubs(state);
  }).catch(() => { state.heardBy = null; });
}

/** The shop's number and code of a pairing QR that led here: [] for any other address. */
function offered() {
  const [name, ...parts] = location.hash.slice(1).split('/').map(decodeURIComponent);
  return name === 'pair' ? parts : [];
}

/** A screen that knows the city, the key of this device and its shop; else how to become a till. */
const withTill = (screen) => async (showing, ...rest) => {
  state.key ??= await deviceKey('shop');
  state.city ??= await openCity();
  state.till ??= state.key && await readTill();
  if (state.till) {
    hearTill();
    try {
      document.querySelector('nav.places').hidden = false;
      return await screen(showing, state, ...rest);
    } catch (refused) {
      if (refused.code !== 'device_revoked') throw refused;
      Object.assign(state, { till: null, revoked: true });
    }
  }
  document.querySelector('nav.places').hidden = true;
  return state.revoked ? revokedScreen(showing, state) : welcome(showing, state, ...offered());
};

watchNet(document.querySelector('.offline'),
  t('ไม่มีสัญญาณ: ยืนยันคูปองไม่ได้ อย่าส่งของจนกว่าจอจะเขียว รับเงินสดหรือรอสัญญาณ', 'No signal: nothing can be confirmed. No goods until the screen is green: take cash, or wait.'));
dressHead();
startScreens(main, {
  '': withTill(billScreen),
  charge: withTill(later(take, 'chargeScreen')),
  scan: withTill(later(take, 'scanScreen')),
  taken: withTill(later(take, 'takenScreen')),
  receipt: withTill(later(() => import('./receipts.js'), 'receiptScreen')),
  slip: withTill(later(voids, 'slipScreen')),
  undo: withTill(later(voids, 'undoScreen')),
  today: withTill(todayScreen),
  device: withTill(later(owners, 'shopScreen')),
  cashiers: withTill(later(owners, 'cashiersScreen')),
  'pair-new': withTill(later(owners, 'pairScreen')),
  // Where a pairing code's QR leads: on a device that is a till already, to its first screen.
  pair: withTill((showing) => (showing.current ? go('') : undefined)),
  money: withTill(later(() => import('./shop_money.js'), 'moneyScreen')),
  stubs: withTill(later(stubs, 'stubsScreen')),
  voids: withTill(later(voids, 'voidsScreen')),
  key: withTill(later(keys, 'keyScreen')),
  restore: async (showing) => later(keys, 'restoreScreen')(showing, state),
  stand: withTill(later(() => import('./shop_stand.js'), 'standScreen')),
});
soon(take, slips, owners).then(keepPages);
