// Small pieces of page. Every text goes in as text: a shop called <script> stays a name.

/** An element; `attributes` may hold `on` with handlers. Children are elements or texts. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (attribute === 'on') {
      for (const [event, handler] of Object.entries(value)) made.addEventListener(event, handler);
    } else if (value === true) {
      made.setAttribute(attribute, '');
    } else if (value !== false && value !== null && value !== undefined) {
      made.setAttribute(attribute, String(value));
    }
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  tick: 'M4 12.5l5.5 5.5L20 7',
  cross: 'M6 6l12 12M18 6L6 18',
  wait: 'M12 6v6l4 2M12 3a9 9 0 1 0 .01 0',
  back: 'M15 5l-7 7 7 7',
  scan: 'M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16',
  show: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 20h2',
  card: 'M3 7h18v11H3zM3 11h18',
  list: 'M5 6h14M5 12h14M5 18h9',
  key: 'M15 9a4 4 0 1 1-4 4l-7 7M7 17l2 2',
  shop: 'M4 10v10h16V10M3 10l2-6h14l2 6zM10 20v-6h4v6',
  people: 'M9 11a3.5 3.5 0 1 0-.01 0M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.2 2.6 3.5 5.5',
  print: 'M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z',
  place: 'M12 21c-4-5-6-8-6-11a6 6 0 0 1 12 0c0 3-2 6-6 11M12 12a2 2 0 1 0-.01 0',
  paper: 'M6 3h9l4 4v14H6zM15 3v4h4M9 12h6M9 16h6',
  letters: 'M3 19l5-13 5 13M5 14h6M15 19l3-8 3 8M16 16.5h4',
  undo: 'M5 9h9a5 5 0 0 1 0 10H8M5 9l4-4M5 9l4 4',
};

/** A small drawing that says nothing by itself: the words stand beside it. */
export function icon(name) {
  const picture = document.createElementNS(SVG, 'svg');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  for (const [attribute, value] of [['viewBox', '0 0 24 24'], ['class', 'icon'], ['aria-hidden', 'true']]) {
    picture.setAttribute(attribute, value);
  }
  picture.append(path);
  return picture;
}

export function button(words, handler, { kind = 'main', drawing = null, ...rest } = {}) {
  return el('button', { type: 'button', class: `button ${kind}`, on: { click: handler }, ...rest },
    drawing && icon(drawing), words);
}

export function link(words, href, { kind = 'main', drawing = null } = {}) {
  return el('a', { class: `button ${kind}`, href }, drawing && icon(drawing), words);
}

/** Label and value rows. */
export function facts(rows, kind = '') {
  const shown = rows.filter(Boolean).map(([label, value]) => el('div', {}, el('dt', {}, label), el('dd', {}, value)));
  return el('dl', { class: `facts ${kind}` }, shown);
}

export function notice(kind, drawing, ...words) {
  const sentences = words.filter(Boolean).map((each) => el('p', {}, each));
  return el('div', { class: `notice ${kind}`, role: kind === 'bad' ? 'alert' : 'status' }, icon(drawing), el('div', {}, sentences));
}

/** Offer a file to the person. */
export function download(name, blob) {
  const address = URL.createObjectURL(blob);
  el('a', { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
