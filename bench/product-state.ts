import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as State from 'prosemirror-state'

/** The `prosemirror-state` of the product: Tiptap brings another, whose plugins ours don't know. */
const path = join(import.meta.dirname, '../node_modules/prosemirror-state/dist/index.js')

export const productState = (await import(pathToFileURL(path).href)) as typeof State
