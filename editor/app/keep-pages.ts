declare const __SERVER__: string

/**
 * Has the browser keep the app, so that its pages open without the server (public/service-worker.js). Browsers do that
 * over HTTPS and from this machine only; elsewhere, and where it is forbidden, the app works as it does without.
 */
export function keepPages(): void {
  // In development Vite serves the app, and what it serves changes.
  if (__SERVER__ !== '' || !('serviceWorker' in navigator)) return
  navigator.serviceWorker.register('/service-worker.js').catch(() => undefined)
}
