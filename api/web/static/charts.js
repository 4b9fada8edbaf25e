// Small charts: bars in a drawing of our own. The figures stand beside each in words or in a table.

import { el } from './dom.js';
import { baht, t } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';

function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}

const titled = (made, words) => {
  made.append(shape('title', {}, words));
  return made;
};

// Drawn for the width it will have, so that its words keep their size on a phone.
const WIDTH = window.matchMedia('(max-width: 40rem)').matches ? 320 : 480;
const HEIGHT = 190;
const LEFT = 46;
const FLOOR = HEIGHT - 28;
const CEILING = 14;

/** A round figure no smaller than `most`, for the top of an axis. */
function roundUp(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= most);
}

/** Baht in few letters: 950, 12k. */
function short(satang) {
  const whole = Math.round(satang / 100);
  return whole >= 10_000 ? `${Math.round(whole / 1000)}k` : String(whole);
}

/**
 * Upright bars of amounts (satang). `rows`: {label, amount, words}; a label is drawn each `every`
 * bars, `now` is the index of the bar that still grows.
 */
export function columns(rows, { title, every = 1, now = null }) {
  const top = roundUp(Math.max(...rows.map((row) => row.amount), 100));
  const step = (WIDTH - LEFT) / rows.length;
  const wide = Math.min(step * 0.72, 42);
  const height = (amount) => (amount / top) * (FLOOR - CEILING);
  const picture = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': title });
  for (const part of [1, 0.5]) {
    const y = FLOOR - height(top * part);
    picture.append(shape('path', { d: `M${LEFT} ${y}H${WIDTH}`, class: 'grid' }),
      shape('text', { x: LEFT - 6, y: y + 4.5, 'text-anchor': 'end' }, short(top * part)));
  }
  rows.forEach((row, index) => {
    const middle = LEFT + step * (index + 0.5);
    const tall = row.amount > 0 ? Math.max(height(row.amount), 2) : 0;
    picture.append(titled(shape('rect', {
      x: (middle - wide / 2).toFixed(1), y: (FLOOR - tall).toFixed(1), width: wide.toFixed(1), height: tall.toFixed(1), rx: 2,
      class: index === now ? 'bar now' : 'bar',
    }), row.words));
    if (index % every === 0) picture.append(shape('text', { x: middle.toFixed(1), y: FLOOR + 19, 'text-anchor': 'middle' }, row.label));
  });
  picture.append(shape('path', { d: `M${LEFT} ${FLOOR}H${WIDTH}`, class: 'axis' }));
  return el('div', { class: 'chart' }, picture);
}

function line(part, kind) {
  const picture = shape('svg', { class: 'bar-line', 'aria-hidden': 'true', preserveAspectRatio: 'none', viewBox: '0 0 100 12' });
  picture.append(shape('rect', { width: 100, height: 12, class: 'back' }),
    shape('rect', { width: Math.max(part * 100, part > 0 ? 0.8 : 0).toFixed(2), height: 12, class: `bar ${kind}` }));
  return picture;
}

/** Named lines with bars: {name, value, words}; the longest first or as they come. */
export function lines(rows, { kind = '', list = 'ul', title = null } = {}) {
  const most = Math.max(...rows.map((row) => row.value), 1);
  return el(list, { class: 'lines', 'aria-label': title }, rows.map((row) => el('li', {},
    el('span', { class: 'name' }, row.name), el('b', { class: 'number' }, row.words), line(row.value / most, kind))));
}

/** One bar for a campaign's money: spent, on its way, left. Satang. */
export function moneyBar({ funded, spent, pending = 0 }) {
  const whole = Math.max(funded, 1);
  const width = 1000;
  const [one, two] = [spent, pending].map((amount) => (Math.min(amount, whole) / whole) * width);
  const words = t(`ใช้แล้ว ${baht(spent)} บาท จาก ${baht(funded)} บาท`, `${baht(spent)} of ${baht(funded)} baht spent`);
  const picture = shape('svg', { class: 'money-bar', viewBox: `0 0 ${width} 22`, preserveAspectRatio: 'none', role: 'img', 'aria-label': words });
  picture.append(shape('rect', { width, height: 22, class: 'rest' }),
    shape('rect', { width: one, height: 22, class: 'spent' }),
    shape('rect', { x: one, width: two, height: 22, class: 'pending' }));
  return picture;
}

/** A table that may be wider than the phone; its place can be reached and scrolled by keyboard. */
export function table(caption, heads, rows) {
  const cell = (tag, value, { number, kind }) => el(tag, { class: number ? 'number' : kind ?? null, scope: tag === 'th' ? 'col' : null }, value);
  return el('div', { class: 'table-wrap', tabindex: 0, role: 'region', 'aria-label': caption }, el('table', {},
    el('caption', {}, caption),
    el('thead', {}, el('tr', {}, heads.map((head) => cell('th', head.words, head)))),
    el('tbody', {}, rows.map((row) => el('tr', {}, row.map((value, index) => cell('td', value, heads[index])))))));
}

export function tile(words, figure, kind = '') {
  return el('p', { class: `tile ${kind}` }, el('span', { class: 'small' }, words), el('b', {}, figure));
}
