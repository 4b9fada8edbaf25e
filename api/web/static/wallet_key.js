// The key of this phone: two kinds of backup (a file, a sheet of paper), both behind a password, and
// bringing one back.

import { button, download, el, facts, icon, link, notice } from './dom.js';
import { qrPicture } from './qr_picture.js';
import { go, heading } from './screens.js';
import { scanPlace } from './scanner.js';
import { date, t } from './words.js';

const PASSWORD_LENGTH_MIN = 10;
const FILE_BYTES_MAX = 20_000;
const back = (href) => link(t('กลับ', 'Back'), href, { kind: 'second', drawing: 'back' });

/** What a key is called: a resident's opens a wallet, an owner's is what the shop is paid to. */
function named(state) {
  return state.keyName === 'shop' ? {
    back: t('กู้กุญแจร้านคืน', 'Bring the shop’s key back'), sheet: t('แผ่นกู้คืนกุญแจร้าน', 'Shop’s key: recovery sheet'),
    page: t('หน้าร้านค้า', 'the shop’s page'), lost: t('หากเครื่องหาย ไฟล์หรือแผ่นกู้คืนนำกุญแจที่รับเงินของร้านกลับมาได้', 'If this device is lost, the file or the sheet brings back the key the shop is paid to.'),
    forgotten: t('ลืมรหัสผ่าน: แจ้งเทศบาลเพื่อขึ้นทะเบียนร้านด้วยกุญแจใหม่', 'Password forgotten: ask the city to register the shop with a new key.'),
  } : {
    back: t('กู้กระเป๋าคืน', 'Bring a wallet back'), sheet: t('แผ่นกู้คืนกระเป๋าคูปอง', 'Coupon wallet: recovery sheet'),
    page: t('กระเป๋า', 'the wallet'), lost: t('หากเครื่องหายหรือล้างข้อมูลเบราว์เซอร์ ไฟล์หรือแผ่นกู้คืนนำคูปองกลับมาได้', 'If this phone is lost or its browser cleared, the file or the sheet brings your coupons back.'),
    forgotten: t('ลืมรหัสผ่าน: นำบัตรประชาชนไปเทศบาล เจ้าหน้าที่ย้ายบัตรให้ได้', 'Password forgotten: bring your ID to the city; an officer can move the pass.'),
  };
}

function passwordField(words, autocomplete) {
  const field = el('input', { id: 'password', type: 'password', autocomplete, minlength: PASSWORD_LENGTH_MIN, required: true });
  return { field, shown: [el('label', { for: 'password' }, words), field] };
}

export async function keyScreen(showing, state) {
  const { field, shown } = passwordField(t(`ตั้งรหัสผ่านของการสำรอง (อย่างน้อย ${PASSWORD_LENGTH_MIN} ตัว)`, `A password for the backup (at least ${PASSWORD_LENGTH_MIN} characters)`), 'new-password');
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const form = el('form', { on: { submit: (event) => event.preventDefault() } }, shown);
  const locked = (then) => async () => {
    if (!form.reportValidity()) return;
    told.replaceChildren(notice('busy', 'wait', t('กำลังเข้ารหัส…', 'Locking…')));
    const keyfile = await state.key.keyfile(field.value);
    field.value = '';
    then(keyfile);
  };
  const file = locked((keyfile) => {
    download(`nakhon-${keyfile.address.slice(0, 8)}.json`, new Blob([JSON.stringify(keyfile)], { type: 'application/json' }));
    told.replaceChildren(notice('good', 'tick', t('บันทึกไฟล์แล้ว เก็บไฟล์กับรหัสผ่านไว้คนละที่', 'Saved. Keep the file and the password apart.')));
  });
  const sheet = locked((keyfile) => drawSheet(showing, state, keyfile));
  form.append(button(t('ดาวน์โหลดไฟล์สำรอง', 'Download the backup'), file, { drawing: 'key' }),
    button(t('ทำแผ่นกู้คืนสำหรับพิมพ์', 'Make a recovery sheet to print'), sheet, { kind: 'second', drawing: 'print' }));
  showing.draw(heading(t('กุญแจของเครื่องนี้', 'This phone’s key')),
    notice('busy', 'key', named(state).lost),
    form, told, facts([state.wallet?.several && [t('กระเป๋าของ', 'Whose wallet'), state.wallet.name], [t('เลขที่กระเป๋า', 'Address'), el('code', { id: 'address' }, state.key.address)]]), back(state.keyHome));
}

/** The same encrypted backup as a QR on paper. Without the password nobody can use it, not even the city. */
function drawSheet(showing, state, keyfile) {
  const words = named(state);
  showing.draw(heading(t('แผ่นกู้คืน', 'Recovery sheet')),
    el('section', { class: 'sheet', 'aria-label': t('แผ่นกู้คืน', 'The sheet') },
      el('p', { class: 'sheet-city' }, state.cityName),
      el('p', { class: 'sheet-title' }, words.sheet),
      el('div', { class: 'paper' }, qrPicture(JSON.stringify(keyfile), t('กุญแจที่เข้ารหัสแล้วเป็นคิวอาร์', 'The encrypted key as a QR'))),
      el('p', {}, t('คิวอาร์นี้คือกุญแจที่เข้ารหัสไว้ ใช้คู่กับรหัสผ่านที่ท่านตั้งเท่านั้น ใครได้แผ่นนี้ไปแต่ไม่มีรหัสผ่าน ใช้อะไรไม่ได้',
        'This code is the key, encrypted. It works only with the password you chose: whoever finds this sheet without it can use nothing.')),
      el('ol', {},
        el('li', {}, t('เก็บแผ่นนี้ไว้ที่ปลอดภัย อย่าเขียนรหัสผ่านลงบนแผ่น', 'Keep this sheet safe. Do not write the password on it.')),
        el('li', {}, t(`เครื่องหาย: เปิด${words.page}บนเครื่องใหม่ กด “${words.back}” สแกนคิวอาร์นี้ แล้วใส่รหัสผ่าน`, `Device lost: open ${words.page} on a new one, press “${words.back}”, scan this code, type the password.`)),
        el('li', {}, words.forgotten)),
      facts([
        state.wallet?.several && [t('กระเป๋าของ', 'Whose wallet'), state.wallet.name],
        [t('เลขที่กระเป๋า', 'Address'), el('code', {}, state.key.address)],
        [t('ทำเมื่อ', 'Made'), date(state.city.now())],
      ])),
    button(t('พิมพ์แผ่นนี้', 'Print this sheet'), () => window.print(), { drawing: 'print' }), back(state.keyHome));
}

export async function restoreScreen(showing, state) {
  const before = await state.holdsKey();
  const held = { keyfile: null };
  const { field, shown } = passwordField(t('รหัสผ่านที่ตั้งไว้', 'The password you chose'), 'current-password');
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const bad = () => told.replaceChildren(notice('bad', 'cross', t('เปิดไม่ได้ ตรวจไฟล์หรือแผ่น และรหัสผ่านอีกครั้ง', 'It did not open. Check the file or sheet, and the password.')));
  const chosen = el('div', { 'aria-live': 'polite' });
  const file = el('input', { id: 'backup', type: 'file', accept: '.json,application/json', class: 'unseen', on: { change: async () => {
    held.keyfile = file.files[0] && file.files[0].size <= FILE_BYTES_MAX ? keyfileIn(await file.files[0].text()) : null;
    if (held.keyfile) read(file.files[0].name);
    else bad();
  } } });
  const read = (what) => {
    chosen.replaceChildren(notice('good', 'tick', t(`อ่าน${what}แล้ว ใส่รหัสผ่านด้านล่าง`, `Read: ${what}. Type the password below.`)));
    told.replaceChildren();
    field.focus();
  };
  const submit = async (event) => {
    event.preventDefault();
    if (!held.keyfile) return told.replaceChildren(notice('bad', 'cross', t('เลือกไฟล์สำรอง หรือสแกนแผ่นกู้คืนก่อน', 'Choose the backup file or scan the sheet first.')));
    told.replaceChildren(notice('busy', 'wait', t('กำลังเปิด…', 'Opening…')));
    try {
      await state.restore(held.keyfile, field.value, name ? name.value.trim() : '');
      return go('#');
    } catch {
      return bad();
    }
  };
  const scan = el('div', {});
  const open = button(t('สแกนแผ่นกู้คืน', 'Scan the recovery sheet'), () => {
    scan.replaceChildren(scanPlace(showing, (text) => {
      held.keyfile = keyfileIn(text);
      if (!held.keyfile) return t('ไม่ใช่แผ่นกู้คืน', 'Not a recovery sheet.');
      scan.replaceChildren();
      read(t('แผ่นกู้คืน', 'the recovery sheet'));
      return null;
    }));
    open.hidden = true;
  }, { kind: 'second', drawing: 'scan' });
  const beside = state.keyName === 'wallet' && before;
  const name = beside && el('input', { id: 'wallet-name', required: true, maxlength: 24, autocomplete: 'off', placeholder: t('เช่น คุณยาย', 'e.g. Grandmother') });
  showing.draw(heading(named(state).back), beside ? notice('busy', 'key', t('กระเป๋าที่มีอยู่ยังอยู่ กระเป๋าที่นำกลับมาจะเป็นอีกกระเป๋าหนึ่ง', 'What is on this phone stays: the wallet that comes back stands beside it.'))
    : before && notice('bad', 'key', t('เครื่องนี้มีกุญแจอยู่แล้ว กุญแจเดิมจะถูกแทนที่ สำรองกุญแจเดิมก่อน', 'This device has a key already. It would be replaced: back it up first.')), el('form', { on: { submit } },
    open, scan, file, el('label', { for: 'backup', class: 'button second' }, icon('paper'), t('เลือกไฟล์สำรอง', 'Choose the backup file')), chosen,
    beside && [el('label', { for: 'wallet-name' }, t('กระเป๋านี้ของใคร', 'Whose wallet is it')), name], shown, told,
    el('button', { type: 'submit', class: 'button main' }, t('นำกลับมา', 'Bring it back'))),
  back('#'));
}

/** The keyfile in a text, or null for any other text. */
function keyfileIn(text) {
  try {
    const read = JSON.parse(text);
    return read?.version === 3 && read.crypto ? read : null;
  } catch {
    return null;
  }
}
