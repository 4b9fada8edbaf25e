// Keeps the pages of version {{ version }} on the phone. What the API says is never kept here.

const KEPT = 'nakhon-{{ version }}';
const SHELL = {{ shell|safe }};
const PAGES = ['/wallet', '/shop'];
const ANSWER_MS_MAX = 4000;

self.addEventListener('install', (event) => {
  // Where the browser can, a file of the shell comes from the cache without waking this program.
  event.addRoutes?.({ condition: { urlPattern: new URLPattern({ pathname: '/assets/*' }) }, source: { cacheName: KEPT } });
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll([...SHELL, ...PAGES])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  })());
});

async function page(request) {
  const cache = await caches.open(KEPT);
  const place = new URL(request.url).pathname;
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (answer.ok) await cache.put(place, answer.clone());
    return answer;
  } catch (lost) {
    const before = await cache.match(place);
    if (before) return before;
    throw lost;
  }
}

async function asset(request) {
  const cache = await caches.open(KEPT);
  const before = await cache.match(request);
  if (before) return before;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  if (PAGES.includes(pathname)) event.respondWith(page(event.request));
  else if (pathname.startsWith('/assets/')) event.respondWith(asset(event.request));
});
