import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Yjs from 'yjs'

/** The Yjs of the product: the one beside the peers is another, and neither knows the other's documents. */
const path = join(import.meta.dirname, '../node_modules/yjs/dist/yjs.mjs')

export const productYjs = (await import(pathToFileURL(path).href)) as typeof Yjs
