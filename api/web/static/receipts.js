// A receipt's code leads to its slip: the name of a redemption is something anybody can compute.

import { joined, ofNumber, toBase32 } from './bytes.js';
import { STEP_SECONDS } from './coupons.js';
import { decodeBody } from './qr_codec.js';
import { go, heading } from './screens.js';
import { keccak } from './typed_data.js';
import { t } from './words.js';

/** `rdm_…` of a receipt's code (docs/wire-format.md). Asks the city when the campaign began. */
async function nameOf(city, code) {
  const { terms } = await city.get(`/v1/campaigns/${code.campaign}`);
  const step = Math.floor((code.signedAt - terms.starts) / STEP_SECONDS) + 1;
  const hash = keccak(joined(city.separator, ofNumber(code.campaign, 4), ofNumber(code.pass, 4), ofNumber(step, 3)));
  return `rdm_${toBase32(hash.slice(0, 15)).toLowerCase()}`;
}

export async function receiptScreen(showing, state, body = '') {
  const code = decodeBody(body);
  if (code?.kind !== 'receipt' || !state.city.isOurs(code)) return go('#', { replace: true });
  showing.draw(heading(t('กำลังเปิดใบรับ…', 'Opening the receipt…')));
  const name = await nameOf(state.city, code);
  return showing.current ? go(`#slip/${name}`, { replace: true }) : undefined;
}
