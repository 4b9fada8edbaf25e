// Three ways to read a code: through the camera, from a picture, or typed.

import { button, el, icon, notice } from './dom.js';
import { t } from './words.js';

const LOOK_EVERY_MS = 120;
let detector = null;

/** The reader, loaded when it is first needed: it is larger than all the rest together. */
async function reader() {
  if (detector) return detector;
  const { BarcodeDetector, prepareZXingModule } = await import('./vendor/barcode/ponyfill.js');
  const wasm = new URL('./vendor/barcode/zxing_reader.wasm', import.meta.url).href;
  prepareZXingModule({ overrides: { locateFile: (path) => (path.endsWith('.wasm') ? wasm : path) } });
  detector = new BarcodeDetector({ formats: ['qr_code'] });
  return detector;
}

async function textsIn(picture) {
  const found = await (await reader()).detect(picture);
  return found.map((code) => code.rawValue);
}

/**
 * A place to scan. `take(text)` is told each text until it returns null; otherwise it returns the
 * sentence why the text was not taken. Where it `waits`, the camera comes last, and on a press alone.
 */
export function scanPlace(showing, take, { typed = null, waits = false } = {}) {
  const told = el('div', { class: 'told', 'aria-live': 'polite' });
  const say = (kind, drawing, ...words) => told.replaceChildren(notice(kind, drawing, ...words));
  // What became of a code matters more than a camera that says late that it cannot be used.
  let offered = false;
  const offer = (texts, nothing) => {
    offered = true;
    if (!texts.length) return nothing && say('bad', 'cross', nothing);
    const why = take(texts[0]);
    if (why) say('bad', 'cross', why);
    return why === null;
  };
  const video = el('video', { muted: true, playsinline: true, 'aria-label': t('ภาพจากกล้อง', 'What the camera sees') });
  // What is told stands inside the frame: nothing below it moves under a finger.
  const frame = el('div', { class: 'viewfinder' }, video, el('div', { class: 'corners', 'aria-hidden': 'true' }), told);
  const file = el('input', {
    type: 'file', accept: 'image/*', id: 'picture', class: 'unseen',
    on: {
      change: async () => {
        if (!file.files.length) return;
        say('busy', 'wait', t('กำลังอ่านรูป…', 'Reading the picture…'));
        const nothing = t('ไม่พบคิวอาร์ในรูปนี้ ลองรูปที่ชัดกว่า', 'There is no QR in this picture. Try a sharper one.');
        try {
          if (offer(await textsIn(await createImageBitmap(file.files[0])), nothing)) told.replaceChildren();
        } catch {
          say('bad', 'cross', nothing);
        }
        file.value = '';
      },
    },
  });
  const open = button(t('เปิดกล้อง', 'Open the camera'), () => look(true), { kind: 'second', drawing: 'scan' });
  async function look(pressed) {
    open.disabled = true;
    offered = false;
    try {
      await watch(showing, video, frame, (texts) => offer(texts, null));
    } catch (failure) {
      open.disabled = false;
      if (offered) return;
      if (pressed) say('bad', 'cross', t('ใช้กล้องไม่ได้', 'The camera cannot be used.'), otherWays(typed, true));
      // Nobody asked for the camera yet: that there is none is no failure of anybody's.
      else say('busy', 'scan', failure.name === 'NotFoundError' ? t('เครื่องนี้ไม่มีกล้อง', 'This device has no camera.') : t('ยังไม่ได้เปิดกล้อง', 'The camera is not open.'), otherWays(typed, false));
    }
  }
  if (waits) frame.classList.add('waits');
  else look(false);
  const choose = el('label', { for: 'picture', class: 'button second' }, icon('show'), t('เลือกรูปคิวอาร์', 'Choose a picture'));
  const parts = [frame, el('div', { class: 'actions' }, open, file, choose), typed && typedForm(offer, typed)];
  return el('div', { class: 'scan' }, waits ? parts.reverse() : parts);
}

/** What does as well as a camera. */
function otherWays(typed, allow) {
  if (allow) {
    return typed ? t('อนุญาตให้ใช้กล้องในเบราว์เซอร์ หรือเลือกรูป หรือพิมพ์รหัส', 'Allow the camera in the browser, or choose a picture, or type the code.')
      : t('อนุญาตให้ใช้กล้องในเบราว์เซอร์ หรือเลือกรูป', 'Allow the camera in the browser, or choose a picture.');
  }
  return typed ? t('เลือกรูปคิวอาร์ หรือพิมพ์รหัสด้านล่างแทนได้', 'Choose a picture of the code, or type it below.') : t('เลือกรูปคิวอาร์แทนได้', 'Choose a picture of the code.');
}

function typedForm(offer, words) {
  const field = el('input', {
    id: 'typed', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', required: true, maxlength: 400,
  });
  return el('form', {
    class: 'typed',
    on: {
      submit: (event) => {
        event.preventDefault();
        offer([field.value], null);
      },
    },
  }, el('label', { for: 'typed' }, words), field,
  el('button', { type: 'submit', class: 'button second' }, t('ใช้รหัสนี้', 'Use this code')));
}

async function watch(showing, video, frame, offer) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false, video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const stop = () => stream.getTracks().forEach((track) => track.stop());
  showing.onLeave(stop);
  if (!showing.current) return;
  video.srcObject = stream;
  video.muted = true;
  await video.play();
  frame.classList.add('live');
  (async () => {
    while (showing.current && stream.active) {
      if (video.readyState >= 2) {
        // A frame that cannot be read is followed by another.
        const texts = await textsIn(video).catch(() => []);
        if (texts.length && offer(texts)) return stop();
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return undefined;
  })();
}
