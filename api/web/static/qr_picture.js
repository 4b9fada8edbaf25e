// QR symbols as SVG, level M, in the smallest version that holds the text.

import qrcode from './vendor/qrcode/qrcode.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const QUIET = 4;

/** A picture of `text` with its quiet zone; `name` is what a screen reader says. */
export function qrPicture(text, name) {
  const symbol = qrcode(0, 'M');
  symbol.addData(text, /^[0-9A-Z $%*+./:-]+$/.test(text) ? 'Alphanumeric' : 'Byte');
  symbol.make();
  const count = symbol.getModuleCount();
  const side = count + 2 * QUIET;
  const picture = document.createElementNS(SVG, 'svg');
  for (const [attribute, value] of [['viewBox', `0 0 ${side} ${side}`], ['role', 'img'],
    ['aria-label', name], ['class', 'qr'], ['shape-rendering', 'crispEdges']]) {
    picture.setAttribute(attribute, value);
  }
  const paper = document.createElementNS(SVG, 'rect');
  paper.setAttribute('width', side);
  paper.setAttribute('height', side);
  paper.setAttribute('class', 'qr-paper');
  const ink = document.createElementNS(SVG, 'path');
  let path = '';
  for (let y = 0; y < count; y++) {
    for (let x = 0; x < count; x++) {
      if (symbol.isDark(y, x)) path += `M${x + QUIET} ${y + QUIET}h1v1h-1z`;
    }
  }
  ink.setAttribute('d', path);
  ink.setAttribute('class', 'qr-ink');
  picture.append(paper, ink);
  return picture;
}
