// A map of places without anybody's tiles: a drawing with a scale. Nobody is asked for a picture, so
// nobody learns who looked where.

import { button, el } from './dom.js';
import { t } from './words.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 360;
const HEIGHT = 320;
const EDGE = 30;
// Scale and buttons lie on the lowest part: no pin stands there at first.
const FOOT = 44;
const MIDDLE = (HEIGHT - FOOT) / 2;
const METRES_PER_DEGREE = 111_195;
const SPAN_METRES_MIN = 300;
const ZOOM_MAX = 12;
const FINGER = 26;

/** Metres between two points {latitude, longitude} in degrees; good to 0.5 % within a city. */
export function metresBetween(one, other) {
  const [x, y] = metresFrom(one, other);
  return Math.hypot(x, y);
}

/** Metres to the east and to the north of `origin`. */
function metresFrom(origin, point) {
  const north = (Number(point.latitude) - Number(origin.latitude)) * METRES_PER_DEGREE;
  const east = (Number(point.longitude) - Number(origin.longitude)) * METRES_PER_DEGREE
    * Math.cos((Number(origin.latitude) * Math.PI) / 180);
  return [east, north];
}

export const isPlaced = (place) => place.latitude !== null && place.latitude !== undefined
  && Number.isFinite(Number(place.latitude)) && Number.isFinite(Number(place.longitude));

/** 850 m, 1.2 km. */
export function distanceWords(metres) {
  if (metres < 995) return t(`${Math.round(metres / 10) * 10} ม.`, `${Math.round(metres / 10) * 10} m`);
  const km = (metres / 1000).toFixed(metres < 9950 ? 1 : 0);
  return t(`${km} กม.`, `${km} km`);
}

/** The largest 1, 2 or 5 times a power of ten that is no more than `most`. */
export function roundLength(most) {
  const power = 10 ** Math.floor(Math.log10(most));
  return [5, 2, 1].find((step) => step * power <= most) * power;
}

function shape(name, attributes, text = null) {
  const made = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  if (text !== null) made.textContent = text;
  return made;
}

/**
 * A map with numbered pins for `places`: {latitude, longitude, label} and, where it matters, `size`
 * (0 to 1, the pin's area). Pins carry the place's number in the list, from 1: the list beside the map
 * says everything the map does, for those who cannot see or reach it. `here` is where the reader is,
 * `areas` are names without a pin, `choose(place, index)` is told of a tap on a pin.
 * Returns {element, mark(index)}; places without coordinates are left out.
 */
export function placeMap({ places, here = null, areas = [], choose = null }) {
  const placed = places.map((place, index) => ({ place, index })).filter(({ place }) => isPlaced(place));
  const picture = shape('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'map-picture', role: 'img',
    'aria-label': t(`แผนที่ร้าน ${placed.length} แห่ง รายชื่อเดียวกันอยู่ถัดจากแผนที่`, `A map of ${placed.length} places; the list beside it has the same.`) });
  const whole = viewOf([...placed.map(({ place }) => place), ...(here ? [here] : [])]);
  const state = { zoom: 1, x: whole.x, y: whole.y, marked: null };
  const draw = () => picture.replaceChildren(...layers({ placed, here, areas, whole, state }));
  const nearer = (factor) => () => {
    state.zoom = Math.min(ZOOM_MAX, Math.max(1, state.zoom * factor));
    if (state.zoom === 1) Object.assign(state, { x: whole.x, y: whole.y });
    out.disabled = state.zoom === 1;
    inward.disabled = state.zoom === ZOOM_MAX;
    picture.classList.toggle('near', state.zoom > 1);
    draw();
  };
  const inward = button('+', nearer(2), { kind: 'second', 'aria-label': t('ขยายแผนที่', 'Closer') });
  const out = button('–', nearer(1 / 2), { kind: 'second', 'aria-label': t('ย่อแผนที่', 'Further away'), disabled: true });
  const mark = (index) => {
    state.marked = index;
    const at = placed.find((each) => each.index === index);
    if (at && state.zoom > 1) [state.x, state.y] = metresFrom(whole.origin, at.place);
    draw();
  };
  followFinger(picture, { placed, whole, state, draw, tapped: (each) => {
    mark(each.index);
    choose?.(each.place, each.index);
  } });
  draw();
  return { element: el('div', { class: 'map' }, picture, el('div', { class: 'map-buttons' }, inward, out)), mark };
}

/** The view that holds all points: an origin, its middle in metres, and metres to a unit of the picture. */
function viewOf(points) {
  const origin = points[0] ?? { latitude: 0, longitude: 0 };
  const metres = points.map((point) => metresFrom(origin, point));
  const easts = metres.map(([x]) => x);
  const norths = metres.map(([, y]) => y);
  const [west, east] = [Math.min(0, ...easts), Math.max(0, ...easts)];
  const [south, north] = [Math.min(0, ...norths), Math.max(0, ...norths)];
  const span = Math.max((east - west) / (WIDTH - 2 * EDGE), (north - south) / (HEIGHT - FOOT - 2 * EDGE), SPAN_METRES_MIN / WIDTH);
  return { origin, x: (west + east) / 2, y: (south + north) / 2, unit: span };
}

function positionOf(point, whole, state) {
  const [x, y] = metresFrom(whole.origin, point);
  const unit = whole.unit / state.zoom;
  return [WIDTH / 2 + (x - state.x) / unit, MIDDLE - (y - state.y) / unit];
}

function layers({ placed, here, areas, whole, state }) {
  const unit = whole.unit / state.zoom;
  const ground = shape('rect', { width: WIDTH, height: HEIGHT, class: 'map-ground' });
  const names = areas.filter(isPlaced).map((area) => {
    const [x, y] = positionOf(area, whole, state);
    return shape('text', { x, y, class: 'map-area', 'text-anchor': 'middle' }, area.label);
  });
  const pins = placed.map((each) => pin(each, positionOf(each.place, whole, state), state.marked === each.index));
  // The marked pin lies above the others.
  pins.sort((one, other) => one.classList.contains('marked') - other.classList.contains('marked'));
  return [ground, ...lines(whole, state, unit), ...names, here && standing(positionOf(here, whole, state)), ...pins, scale(unit)].filter(Boolean);
}

/** Lines of a round distance, so that the eye can measure. */
function lines(whole, state, unit) {
  const every = roundLength((WIDTH * unit) / 3);
  const drawn = [];
  for (let x = Math.ceil((state.x - (WIDTH / 2) * unit) / every) * every; x < state.x + (WIDTH / 2) * unit; x += every) {
    const at = WIDTH / 2 + (x - state.x) / unit;
    drawn.push(shape('path', { d: `M${at} 0V${HEIGHT}`, class: 'map-line' }));
  }
  for (let y = Math.ceil((state.y - (HEIGHT - MIDDLE) * unit) / every) * every; y < state.y + MIDDLE * unit; y += every) {
    const at = MIDDLE - (y - state.y) / unit;
    drawn.push(shape('path', { d: `M0 ${at}H${WIDTH}`, class: 'map-line' }));
  }
  return drawn;
}

function pin({ place, index }, [x, y], marked) {
  const radius = place.size === undefined ? 11 : 8 + 12 * Math.sqrt(Math.min(1, Math.max(0, place.size)));
  const drawn = shape('g', { class: `map-pin ${marked ? 'marked' : ''}`, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
  drawn.append(shape('circle', { r: marked ? radius + 4 : radius }),
    shape('text', { y: 4.4, 'text-anchor': 'middle' }, String(index + 1)), shape('title', {}, place.label));
  return drawn;
}

function standing([x, y]) {
  const drawn = shape('g', { class: 'map-here', transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})` });
  drawn.append(shape('circle', { r: 15, class: 'map-halo' }), shape('circle', { r: 6 }), shape('title', {}, t('ท่านอยู่ที่นี่', 'You are here')));
  return drawn;
}

function scale(unit) {
  const length = roundLength((WIDTH / 3) * unit);
  const drawn = shape('g', { class: 'map-scale', transform: `translate(10 ${HEIGHT - 10})` });
  drawn.append(shape('path', { d: `M0 -5V0H${length / unit}V-5` }), shape('text', { x: 5, y: -6 }, distanceWords(length)));
  const north = shape('g', { class: 'map-scale', transform: `translate(${WIDTH - 16} 30)` });
  north.append(shape('path', { d: 'M0 0V-16M-5 -10L0 -16L5 -10' }), shape('text', { y: 13, 'text-anchor': 'middle' }, t('น', 'N')));
  const both = shape('g', {});
  both.append(drawn, north);
  return both;
}

/** A tap chooses the nearest pin; what is closer than the whole can be dragged. */
function followFinger(picture, { placed, whole, state, draw, tapped }) {
  let from = null;
  const perPixel = () => WIDTH / picture.getBoundingClientRect().width;
  picture.addEventListener('pointerdown', (event) => {
    from = { x: event.clientX, y: event.clientY, moved: false };
    if (state.zoom > 1) picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener('pointermove', (event) => {
    if (!from || state.zoom === 1) return;
    const [dx, dy] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.moved && Math.hypot(dx, dy) < 6) return;
    const unit = (whole.unit / state.zoom) * perPixel();
    state.x -= dx * unit;
    state.y += dy * unit;
    from = { x: event.clientX, y: event.clientY, moved: true };
    draw();
  });
  picture.addEventListener('pointercancel', () => { from = null; });
  picture.addEventListener('pointerup', (event) => {
    const tap = from && !from.moved;
    from = null;
    if (!tap) return;
    const box = picture.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) * perPixel(), (event.clientY - box.top) * perPixel()];
    const near = placed.map((each) => {
      const [px, py] = positionOf(each.place, whole, state);
      return { each, away: Math.hypot(px - x, py - y) };
    }).sort((one, other) => one.away - other.away)[0];
    if (near && near.away < FINGER) tapped(near.each);
  });
}
