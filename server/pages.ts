import { type HttpBindings } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import type { Context, Hono } from 'hono'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Serves what makes editors of other people's pages: a script, its style sheet, and what they load. */
export function serveEmbed(app: Hono<{ Bindings: HttpBindings }>, directory: string): void {
  const forAnyPage = (c: Context, age: string) => {
    c.header('Access-Control-Allow-Origin', '*')
    c.header('Cross-Origin-Resource-Policy', 'cross-origin')
    c.header('Cache-Control', age)
  }
  for (const name of ['/editor.js', '/editor.css'])
    app.use(name, serveStatic({ root: directory, onFound: (_path, c) => forAnyPage(c, 'no-cache') }))
  const forever = 'public, max-age=31536000, immutable'
  app.use('/embed/*', serveStatic({ root: directory, onFound: (_path, c) => forAnyPage(c, forever) }))
}

/** Serves the built web app: its hashed files for ever, its one page for every address a person can open. */
export function servePages(app: Hono<{ Bindings: HttpBindings }>, directory: string): void {
  const page = readFileSync(join(directory, 'index.html'), 'utf8')
  app.use(
    '/assets/*',
    serveStatic({
      root: directory,
      onFound: (_path, c) => c.header('Cache-Control', 'public, max-age=31536000, immutable'),
    }),
  )
  app.use('/favicon.svg', serveStatic({ root: directory }))
  // At the root, or it could not answer for the pages. Browsers ask for it anew whatever this says, proxies don't.
  const noCache = (_path: string, c: Context) => c.header('Cache-Control', 'no-cache')
  app.use('/service-worker.js', serveStatic({ root: directory, onFound: noCache }))
  for (const path of ['/', '/d/:name']) {
    app.get(path, (c) => {
      c.header('Cache-Control', 'no-cache')
      return c.html(page)
    })
  }
}
