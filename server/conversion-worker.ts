import { parseHTML } from 'linkedom'
import { parentPort } from 'node:worker_threads'
import * as Y from 'yjs'
import * as convert from '../editor/convert/index.ts'
import type { Conversion, ConversionWork, FileFormat } from './conversion.ts'
import { readTitle } from './document-title.ts'
import { checkUpdate, defaultGateLimits } from './gate.ts'

/*
 * The thread of conversions: does one, answers, waits for the next. What it throws ends it, and reaches the parent.
 *
 * The document comes as bytes and is read from a copy, so that nothing here can change the one that people write in.
 */

class Refused extends Error {
  readonly code: 'invalid' | 'unsupported'

  constructor(code: 'invalid' | 'unsupported', message: string) {
    super(message)
    this.code = code
  }
}

function newPage(): Document {
  return parseHTML('<!doctype html><html><head></head><body></body></html>').document
}

type Document = Parameters<typeof convert.fromHtml>[1] & object
type Doc = ReturnType<typeof convert.fromJson>

function exportDocument({ format, state, title }: Extract<ConversionWork, { kind: 'export' }>): string {
  const ydoc = new Y.Doc()
  Y.applyUpdate(ydoc, state)
  const doc = convert.fromYjs(ydoc)
  switch (format) {
    case 'md':
      return convert.toMarkdown(doc)
    case 'html':
      return convert.toPage(doc, title, newPage())
    case 'json':
      return `${JSON.stringify(convert.toJson(doc))}\n`
    case 'txt':
      return `${convert.toText(doc)}\n`
  }
}

async function importDocument(body: Uint8Array, contentType: string): Promise<Conversion> {
  const { bytes, format } = await findFile(body, contentType)
  const ydoc = convert.toYjs(read(decode(bytes), format))
  const update = Y.encodeStateAsUpdate(ydoc)
  const verdict = checkUpdate(update, new Y.Doc(), defaultGateLimits)
  if (!verdict.ok) throw new Refused('invalid', 'The file makes a document that this server would not take.')
  return { kind: 'imported', update, title: readTitle(ydoc) }
}

interface File {
  readonly bytes: Uint8Array
  readonly format: FileFormat
}

async function findFile(body: Uint8Array, contentType: string): Promise<File> {
  if (!contentType.toLowerCase().startsWith('multipart/form-data')) {
    const format = formatOf(contentType, '')
    if (format === null) throw new Refused('unsupported', unsupported)
    return { bytes: body, format }
  }
  const form = await new Response(new Uint8Array(body), { headers: { 'Content-Type': contentType } })
    .formData()
    .catch(() => null)
  const file = [...(form?.values() ?? [])].find((value) => typeof value !== 'string')
  if (file === undefined) throw new Refused('invalid', 'The form has no file in it.')
  const format = formatOf(file.type, file.name)
  if (format === null) throw new Refused('unsupported', unsupported)
  return { bytes: new Uint8Array(await file.arrayBuffer()), format }
}

const unsupported = 'Only Markdown, HTML, JSON and plain text can be imported.'

/** By the ending first: browsers know no type for Markdown. */
function formatOf(contentType: string, name: string): FileFormat | null {
  const ending = /\.(md|markdown|html?|json|txt)$/i.exec(name)?.[1]?.toLowerCase()
  if (ending === 'markdown' || ending === 'md') return 'md'
  if (ending === 'htm' || ending === 'html') return 'html'
  if (ending === 'json' || ending === 'txt') return ending
  switch (contentType.replace(/;.*$/, '').trim().toLowerCase()) {
    case 'text/markdown':
    case 'text/x-markdown':
      return 'md'
    case 'text/html':
      return 'html'
    case 'application/json':
      return 'json'
    case 'text/plain':
      return 'txt'
    default:
      return null
  }
}

function decode(bytes: Uint8Array): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    if (!text.includes('\0')) return text
  } catch {
    // Told below.
  }
  throw new Refused('invalid', 'The file is not text in UTF-8.')
}

function read(text: string, format: FileFormat): Doc {
  switch (format) {
    case 'md':
      return convert.fromMarkdown(text)
    case 'html':
      return convert.fromHtml(text, newPage())
    case 'txt':
      return convert.fromText(text)
    case 'json':
      return convert.fromJson(parseDocument(text))
  }
}

function parseDocument(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new Refused('invalid', 'The file is not JSON.')
  }
  if (typeof value === 'object' && value !== null && 'type' in value && value.type === 'doc') return value
  throw new Refused('invalid', 'The JSON is not a document: its type is not "doc".')
}

async function convertOne(work: ConversionWork): Promise<Conversion> {
  try {
    if (work.kind === 'export')
      return { kind: 'exported', text: new TextEncoder().encode(exportDocument(work)) }
    return await importDocument(work.body, work.contentType)
  } catch (error) {
    if (error instanceof Refused) return { kind: 'refused', code: error.code, message: error.message }
    if (!(error instanceof convert.ConversionError) && !(error instanceof RangeError)) throw error
    // A stack that ends says the same as our own limits: nobody writes so deep.
    return { kind: 'refused', code: 'invalid', message: 'The file nests its parts too deep.' }
  }
}

parentPort?.on('message', (work: ConversionWork) => {
  void convertOne(work).then((conversion) => parentPort?.postMessage(conversion))
})
