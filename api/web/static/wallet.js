// The resident's page: which screens there are and what they share.

import { openCity } from './city.js';
import { deviceKey } from './keys.js';
import { dressHead, keepPages, later, startScreens, watchNet } from './screens.js';
import { homeScreen } from './wallet_home.js';
import { payScreen, scanScreen } from './wallet_pay.js';
import { presentScreen } from './wallet_present.js';
import { historyScreen, slipScreen } from './wallet_history.js';
import { t } from './words.js';

const keys = () => import('./wallet_key.js');
const main = document.querySelector('main');
const state = { city: null, key: null, keyName: 'wallet', keyHome: '#more', cityName: document.body.dataset.city };

/** A screen that knows the city and the key of this phone; without a key only home and restore. */
const withKey = (screen) => async (showing, ...rest) => {
  state.city ??= await openCity();
  state.key ??= await deviceKey('wallet');
  document.querySelector('nav.places').hidden = state.key === null;
  if (!state.key) return homeScreen(showing, state);
  try {
    return await screen(showing, state, ...rest);
  } catch (refused) {
    if (refused.code !== 'unknown_pass') throw refused;
    return homeScreen(showing, state);
  }
};

watchNet(document.querySelector('.offline'),
  t('ไม่มีสัญญาณ: แสดงคิวอาร์ให้ร้านสแกนได้ แต่สแกนจ่ายเองไม่ได้', 'No signal: you can show your QR to a shop, but not scan one.'));
dressHead();
keepPages();
startScreens(main, {
  '': withKey(homeScreen),
  scan: withKey(scanScreen),
  pay: withKey(payScreen),
  slip: withKey(slipScreen),
  show: withKey(presentScreen),
  history: withKey(historyScreen),
  more: withKey(later(() => import('./wallet_more.js'), 'moreScreen')),
  where: withKey(later(() => import('./wallet_places.js'), 'placesScreen')),
  move: withKey(later(() => import('./wallet_move.js'), 'moveScreen')),
  key: withKey(later(keys, 'keyScreen')),
  restore: async (showing) => later(keys, 'restoreScreen')(showing, state),
});
