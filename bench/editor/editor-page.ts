import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { build } from 'vite'
import { freePort } from '../../test/free-port.ts'
import type { RunningServer } from '../servers/running-server.ts'

/** Where an editor can be opened in a browser, and in which root type it keeps its paragraphs. */
export interface EditorPage {
  readonly root: string
  address(document: string): string
  close(): Promise<void>
}

/** Our app, as our server serves it. */
export function ourPage(server: RunningServer): EditorPage {
  return {
    root: 'coscribe',
    address: (document) => `http://127.0.0.1:${server.port}/d/${document}`,
    close: () => Promise.resolve(),
  }
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/** A Tiptap page, bundled as ours is, beside a Hocuspocus server. */
export async function tiptapPage(server: RunningServer): Promise<EditorPage> {
  const folder = await mkdtemp(join(tmpdir(), 'coscribe-tiptap-'))
  const source = join(import.meta.dirname, '../tiptap')
  await build({
    root: source,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
    },
  })
  const port = await freePort()
  const files = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const file = join(folder, path === '/' ? 'index.html' : path.replaceAll('..', ''))
    readFile(file).then(
      (bytes) =>
        response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream').end(bytes),
      () => response.writeHead(404).end(),
    )
  }).listen(port, '127.0.0.1')
  await once(files, 'listening')
  const to = encodeURIComponent(`ws://127.0.0.1:${server.port}`)
  return {
    root: 'default',
    address: (document) => `http://127.0.0.1:${port}/?name=${document}&server=${to}`,
    close: async () => {
      await closed(files)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
}
