// Large letters: chosen once, kept in a cookie that the server reads, so that no page grows as it opens.

const YEAR_SECONDS = 31_536_000;

export const isLarge = () => document.documentElement.classList.contains('large');

export function setLarge(wanted) {
  document.documentElement.classList.toggle('large', wanted);
  document.cookie = `letters=${wanted ? 'large' : 'usual'}; max-age=${YEAR_SECONDS}; path=/; samesite=lax`;
}

/** A page kept on the phone may be from before the choice. */
export function dressLetters() {
  const chosen = /(?:^|; )letters=(\w+)/.exec(document.cookie)?.[1];
  if (chosen) document.documentElement.classList.toggle('large', chosen === 'large');
}
