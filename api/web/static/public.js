// The public's page: what the money did, shops nearby, receipts. No login, nothing kept, nobody asked.

import { campaignMoney, moneyScreen } from './public_money.js';
import { dressHead, later, soon, startScreens, watchNet } from './screens.js';
import { t } from './words.js';

const main = document.querySelector('main');
const places = document.querySelector('nav.places');
main.before(places);
places.hidden = false;

watchNet(document.querySelector('.offline'), t('ไม่มีสัญญาณ: ตัวเลขบนจออาจเก่า', 'No connection: the figures may be old.'));
dressHead();
const near = () => import('./public_near.js');
const day = () => import('./public_day.js');
const receipt = () => import('./public_receipt.js');
startScreens(main, {
  '': moneyScreen,
  money: campaignMoney,
  day: later(day, 'dayScreen'),
  near: later(near, 'nearScreen'),
  receipt: later(receipt, 'receiptScreen'),
});
soon(day, near, receipt);
