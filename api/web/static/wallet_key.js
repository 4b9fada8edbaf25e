// The key of this phone: its address, a backup behind a password, and bringing one back.

import { download, el, facts, link, notice } from './dom.js';
import { restoreKey } from './keys.js';
import { go, heading } from './screens.js';
import { t } from './words.js';

const PASSWORD_LENGTH_MIN = 10;

function passwordField(words, autocomplete) {
  const field = el('input', { id: 'password', type: 'password', autocomplete, minlength: PASSWORD_LENGTH_MIN, required: true });
  return { field, shown: [el('label', { for: 'password' }, words), field] };
}

export async function keyScreen(showing, state) {
  const { field, shown } = passwordField(t(`ตั้งรหัสผ่านของไฟล์สำรอง (อย่างน้อย ${PASSWORD_LENGTH_MIN} ตัว)`, `A password for the backup (at least ${PASSWORD_LENGTH_MIN} characters)`), 'new-password');
  const told = el('div', { 'aria-live': 'polite' });
  const submit = async (event) => {
    event.preventDefault();
    told.replaceChildren(notice('busy', 'wait', t('กำลังเข้ารหัส…', 'Locking…')));
    const keyfile = await state.key.keyfile(field.value);
    download(`nakhon-${keyfile.address.slice(0, 8)}.json`, new Blob([JSON.stringify(keyfile)], { type: 'application/json' }));
    field.value = '';
    told.replaceChildren(notice('good', 'tick', t('บันทึกไฟล์แล้ว เก็บไฟล์กับรหัสผ่านไว้คนละที่', 'Saved. Keep the file and the password apart.')));
  };
  showing.draw(heading(t('กุญแจของเครื่องนี้', 'This phone’s key')),
    facts([[t('เลขที่กระเป๋า', 'Address'), el('code', { id: 'address' }, state.key.address)]]),
    notice('busy', 'key', t('หากเครื่องหายหรือล้างข้อมูลเบราว์เซอร์ ไฟล์สำรองนำคูปองกลับมาได้', 'If this phone is lost or its browser cleared, the backup brings your coupons back.')),
    el('form', { on: { submit } }, shown, el('button', { type: 'submit', class: 'button main' }, t('ดาวน์โหลดไฟล์สำรอง', 'Download the backup'))), told);
}

export async function restoreScreen(showing, state, name = 'wallet') {
  const { field, shown } = passwordField(t('รหัสผ่านของไฟล์', 'The file’s password'), 'current-password');
  const file = el('input', { id: 'backup', type: 'file', accept: '.json,application/json', required: true });
  const told = el('div', { 'aria-live': 'polite' });
  const submit = async (event) => {
    event.preventDefault();
    told.replaceChildren(notice('busy', 'wait', t('กำลังเปิดไฟล์…', 'Opening…')));
    try {
      state.key = await restoreKey(name, JSON.parse(await file.files[0].text()), field.value);
      go('');
    } catch {
      told.replaceChildren(notice('bad', 'cross', t('เปิดไฟล์ไม่ได้ ตรวจไฟล์และรหัสผ่านอีกครั้ง', 'It did not open. Check the file and the password.')));
    }
  };
  showing.draw(heading(t('นำกระเป๋ากลับมา', 'Bring a wallet back')), el('form', { on: { submit } },
    el('label', { for: 'backup' }, t('ไฟล์สำรอง', 'The backup file')), file, shown,
    el('button', { type: 'submit', class: 'button main' }, t('นำกลับมา', 'Bring it back'))), told,
  link(t('กลับ', 'Back'), '#', { kind: 'second', drawing: 'back' }));
}

