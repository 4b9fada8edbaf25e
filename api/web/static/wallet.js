// The resident's page: which screens there are and what they share.

import { openCity } from './city.js';
import { dressHead, keepPages, later, soon, startScreens, watchNet } from './screens.js';
import { homeScreen } from './wallet_home.js';
import { openWallet, restoreWallet } from './wallets.js';
import { t } from './words.js';

const pay = () => import('./wallet_pay.js');
const present = () => import('./wallet_present.js');
const history = () => import('./wallet_history.js');
const keys = () => import('./wallet_key.js');
const main = document.querySelector('main');
const state = {
  city: null, key: null, wallet: null, keyName: 'wallet', keyHome: '#more', cityName: document.body.dataset.city,
  holdsKey: async () => (await openWallet()) !== null,
  restore: async (...backup) => {
    await restoreWallet(...backup);
    Object.assign(state, { key: null, wallet: null });
  },
};

/** A screen that knows the city and the key of this phone; without a key only home and restore. */
const withKey = (screen) => async (showing, ...rest) => {
  state.wallet ??= await openWallet();
  state.key = state.wallet?.key ?? null;
  nameWallet(state.wallet);
  state.city ??= await openCity();
  document.querySelector('nav.places').hidden = state.key === null;
  if (!state.key) return homeScreen(showing, state);
  try {
    return await screen(showing, state, ...rest);
  } catch (refused) {
    if (refused.code !== 'unknown_pass') throw refused;
    return homeScreen(showing, state);
  }
};

/** The head of every screen says whose wallet it is, where the phone has several. */
function nameWallet(wallet) {
  document.querySelector('.brand .small').textContent = wallet?.several ? `${wallet.name} · ${state.cityName}` : state.cityName;
}

watchNet(document.querySelector('.offline'),
  t('ไม่มีสัญญาณ: แสดงคิวอาร์ให้ร้านสแกนได้ แต่สแกนจ่ายเองไม่ได้', 'No signal: you can show your QR to a shop, but not scan one.'));
dressHead();
startScreens(main, {
  '': withKey(homeScreen),
  scan: withKey(later(pay, 'scanScreen')),
  pay: withKey(later(pay, 'payScreen')),
  slip: withKey(later(history, 'slipScreen')),
  receipt: withKey(later(() => import('./receipts.js'), 'receiptScreen')),
  show: withKey(later(present, 'presentScreen')),
  history: withKey(later(history, 'historyScreen')),
  more: withKey(later(() => import('./wallet_more.js'), 'moreScreen')),
  where: withKey(later(() => import('./wallet_places.js'), 'placesScreen')),
  wallets: withKey(later(() => import('./wallet_several.js'), 'walletsScreen')),
  move: withKey(later(() => import('./wallet_move.js'), 'moveScreen')),
  key: withKey(later(keys, 'keyScreen')),
  restore: async (showing) => later(keys, 'restoreScreen')(showing, state),
});
soon(present, pay, history).then(keepPages);
