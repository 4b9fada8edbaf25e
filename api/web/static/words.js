// How we say things: both languages, baht, dates in พ.ศ.

export const LANG = document.documentElement.lang === 'en' ? 'en' : 'th';

/** Of two ways to say it, the one in the page's language. */
export function t(th, en) {
  return LANG === 'en' ? en : th;
}

/** Satang as baht. Amounts stay whole numbers until here. */
export function baht(satang) {
  const whole = BigInt(satang);
  const cents = String(whole % 100n).padStart(2, '0');
  const grouped = String(whole / 100n).replace(/\B(?=(\d{3})+$)/g, ',');
  return cents === '00' ? grouped : `${grouped}.${cents}`;
}

/** Satang of what was typed, Thai digits too; null for anything that is no amount. */
export function satangOf(text) {
  const latin = text.replace(/[๐-๙]/g, (digit) => String(digit.charCodeAt(0) - 0x0e50)).replace(/[,\s฿]/g, '');
  const found = /^(\d{1,8})(?:\.(\d{1,2}))?$/.exec(latin);
  if (!found) return null;
  const satang = Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
  return satang > 0 && satang < 2 ** 32 ? satang : null;
}

const LOCALE = LANG === 'en' ? 'en-GB' : 'th-TH-u-ca-buddhist';
const ZONE = 'Asia/Bangkok';

// A browser takes long to make one of these: they are made when the first date is written.
const made = new Map();
function format(locale, options) {
  const name = locale + JSON.stringify(options);
  if (!made.has(name)) made.set(name, new Intl.DateTimeFormat(locale, { timeZone: ZONE, ...options }));
  return made.get(name);
}
const DAY = { day: 'numeric', month: 'short', year: 'numeric' };
const WEEKDAY = { weekday: 'long' };
const CLOCK = { hour: '2-digit', minute: '2-digit', second: '2-digit' };

// Only the parts are taken from the browser: how it joins them, and whether it names the era,
// changes from one to the next.
function dayParts(seconds) {
  const parts = Object.fromEntries(format(LOCALE, DAY).formatToParts(seconds * 1000).map(({ type, value }) => [type, value]));
  return `${parts.day} ${parts.month} ${LANG === 'en' ? parts.year : `พ.ศ.\u00a0${parts.year}`}`;
}

export const date = (seconds) => dayParts(seconds);
export const clock = (seconds) => format('en-GB', CLOCK).format(seconds * 1000) + (LANG === 'en' ? '' : '\u00a0น.');
export const moment = (seconds) => `${dayParts(seconds)} ${clock(seconds)}`;

/** A day of the calendar (2025-10-30) with its weekday, as people say when they will be paid. */
export function dayWords(iso) {
  const noon = Date.parse(`${iso}T12:00:00+07:00`) / 1000;
  const weekday = format(LANG === 'en' ? 'en-GB' : 'th-TH', WEEKDAY).format(noon * 1000);
  return t(`${weekday}ที่ ${dayParts(noon)}`, `${weekday} ${dayParts(noon)}`);
}

/** When the day of a moment began in Bangkok. */
export const bangkokMidnight = (seconds) => Math.floor((seconds + 25_200) / 86_400) * 86_400 - 25_200;

/** The registered name of a shop in the page's language. */
export function shopName(shop, number) {
  const name = LANG === 'en' ? shop?.en || shop?.th : shop?.th || shop?.en;
  return name || t(`ร้านหมายเลข ${number}`, `Shop ${number}`);
}
