// The shop's page: which screens there are and what they share.

import { openCity } from './city.js';
import { deviceKey } from './keys.js';
import { dressHead, keepPages, startScreens, watchNet } from './screens.js';
import { billScreen } from './shop_bill.js';
import { chargeScreen, scanScreen, takenScreen } from './shop_take.js';
import { deviceScreen, slipScreen, todayScreen, welcome } from './shop_device.js';
import { keep, kept } from './store.js';
import { t } from './words.js';

const main = document.querySelector('main');
const state = { city: null, key: null, till: null, cityName: document.body.dataset.city };

/** Whose till this is, from the net, else as this device knew it last. */
async function readTill() {
  try {
    const till = await state.city.signed(state.key, '/v1/till');
    await keep('till', till);
    return till;
  } catch (refused) {
    const before = await kept('till');
    if (refused.status === 0 && before?.address === state.key.address) return before;
    if (refused.code === 'unknown_merchant') return null;
    throw refused;
  }
}

/** A screen that knows the city, the key of this device and its shop; else how to become a till. */
const withTill = (screen) => async (showing, ...rest) => {
  state.city ??= await openCity();
  state.key ??= await deviceKey('shop');
  state.till ??= state.key && await readTill();
  document.querySelector('nav.places').hidden = !state.till;
  return (state.till ? screen : welcome)(showing, state, ...rest);
};

watchNet(document.querySelector('.offline'),
  t('ไม่มีสัญญาณ: ยังยืนยันการรับคูปองไม่ได้ อย่าส่งของจนกว่าจอจะเขียว', 'No signal: nothing can be confirmed. Do not hand goods over until the screen is green.'));
dressHead();
keepPages();
startScreens(main, {
  '': withTill(billScreen),
  charge: withTill(chargeScreen),
  scan: withTill(scanScreen),
  taken: withTill(takenScreen),
  slip: withTill(slipScreen),
  today: withTill(todayScreen),
  device: withTill(deviceScreen),
});
