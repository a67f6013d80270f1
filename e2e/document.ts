import { expect, type Page } from '@playwright/test'
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { ServerProcess } from './server.ts'

/** Makes a document on the server and resolves with its name. */
export async function createDocument(server: ServerProcess): Promise<string> {
  const response = await fetch(`${server.url}/api/documents`, { method: 'POST', body: '{}' })
  const { name } = (await response.json()) as { name: string }
  return name
}

/** Opens a document as a person would, and waits until it can be written in. */
export async function openDocument(page: Page, server: ServerProcess, name: string): Promise<void> {
  await page.goto(`${server.url}/d/${name}`)
  await expect(page.locator('.coscribe-content')).toBeVisible()
  await expect(page.locator('.status')).toHaveText('Saved')
}

/** The document's blocks, a line each, as they stand on the page. */
export async function linesOf(page: Page): Promise<string[]> {
  return page.locator('.coscribe-content > *').allInnerTexts()
}

/** A stock y-websocket client without any code of ours. */
export interface StockClient {
  readonly doc: Y.Doc
  readonly provider: WebsocketProvider
  readonly fragment: Y.XmlFragment
  destroy(): void
}

export async function openStockClient(
  server: ServerProcess,
  name: string,
  params: Record<string, string> = {},
): Promise<StockClient> {
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(server.webSocketUrl, encodeURIComponent(name), doc, {
    WebSocketPolyfill: WebSocket as unknown as typeof globalThis.WebSocket,
    disableBc: true,
    params,
  })
  await new Promise<void>((resolve) => {
    provider.once('sync', () => resolve())
  })
  return {
    doc,
    provider,
    fragment: doc.getXmlFragment('coscribe'),
    destroy: () => {
      provider.destroy()
      doc.destroy()
    },
  }
}

/** The text of a block as a stock client sees it. */
export function textOf(block: Y.XmlElement | Y.XmlText | Y.XmlHook): string {
  if (block instanceof Y.XmlText)
    return (block.toDelta() as { insert: string }[]).map((part) => part.insert).join('')
  if (block instanceof Y.XmlElement) return block.toArray().map(textOf).join('')
  return ''
}
