/*
 * Keeps the app on this device, so that its pages open while the server is away.
 *
 * 1. The page comes from the server whenever that answers in time, else from the cache.
 * 2. Hashed files never change: the cache comes first. The page names all there are, so a new build's page brings
 *    its files along, and those of older builds go.
 * 3. Nothing else is ever answered here, and nothing of the API is kept.
 */
const cacheName = 'coscribe-app'
const pagePath = '/'
const iconPath = '/favicon.svg'

/** A network that swallows requests must not keep anybody from their text. */
const patienceMs = 4000

self.addEventListener('install', (event) =>
  event.waitUntil(
    fetchPage()
      .then(keep)
      .then(() => self.skipWaiting()),
  ),
)
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()))
self.addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== self.location.origin) return
  if (mode === 'navigate' && (pathname === pagePath || pathname.startsWith('/d/'))) {
    event.respondWith(answerPage(event))
  } else if (pathname.startsWith('/assets/') || pathname === iconPath)
    event.respondWith(answerFile(event.request))
})

async function answerPage(event) {
  // The page is the same at every address; asked for at its own, it never carries a document's name.
  const fresh = fetchPage()
  event.waitUntil(fresh.then((response) => keep(response.clone())).catch(() => undefined))
  const late = new Promise((_resolve, reject) => setTimeout(reject, patienceMs))
  try {
    return await Promise.race([fresh, late])
  } catch {
    const kept = await (await caches.open(cacheName)).match(pagePath)
    return kept ?? fresh
  }
}

async function answerFile(request) {
  return (await (await caches.open(cacheName)).match(request)) ?? fetch(request)
}

/** The server's page. Rejects when the server is away or in trouble. */
async function fetchPage() {
  const response = await fetch(pagePath, { cache: 'no-cache' })
  if (response.status >= 500) throw new Error(`the server answered ${response.status}`)
  return response
}

/** Keeps the page once all its files are here; what is no page of ours is left alone. */
async function keep(response) {
  if (!response.ok || response.redirected) return
  const page = await response.clone().text()
  const files = [...page.matchAll(/["\s](\/assets\/[^"\s]+)/g)].map(([, path]) => path)
  if (files.length === 0) return
  const cache = await caches.open(cacheName)
  const kept = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname))
  const missing = [...files, iconPath].filter((path) => !kept.has(path))
  await cache.addAll(missing)
  await cache.put(pagePath, response)
  const isOld = (path) => path.startsWith('/assets/') && !files.includes(path)
  await Promise.all([...kept].filter(isOld).map((path) => cache.delete(path)))
}
