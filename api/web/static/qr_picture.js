// QR symbols as SVG, level M, in the smallest version that holds the text.

import qrcode from './vendor/qrcode/qrcode.mjs';

const SVG = 'http://www.w3.org/2000/svg';
const QUIET = 4;

function symbolOf(text) {
  const symbol = qrcode(0, 'M');
  symbol.addData(text, /^[0-9A-Z $%*+./:-]+$/.test(text) ? 'Alphanumeric' : 'Byte');
  symbol.make();
  return symbol;
}

/** Draw `text` as a symbol with its quiet zone, at most `side` pixels wide, on a canvas' `brush`. */
export function drawQr(brush, text, { x, y, side }) {
  const symbol = symbolOf(text);
  const count = symbol.getModuleCount();
  const dot = Math.floor(side / (count + 2 * QUIET));
  brush.fillStyle = '#ffffff';
  brush.fillRect(x, y, dot * (count + 2 * QUIET), dot * (count + 2 * QUIET));
  brush.fillStyle = '#000000';
  for (let row = 0; row < count; row++) {
    for (let column = 0; column < count; column++) {
      if (symbol.isDark(row, column)) brush.fillRect(x + (column + QUIET) * dot, y + (row + QUIET) * dot, dot, dot);
    }
  }
}

/** A picture of `text` with its quiet zone; `name` is what a screen reader says. */
export function qrPicture(text, name) {
  const symbol = symbolOf(text);
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
