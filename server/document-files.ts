import type { Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { type Conversion, type Conversions, type FileFormat, fileFormats } from './conversion.ts'
import type { Hub } from './hub.ts'
import { type DocumentName, parseDocumentName } from './protocol/document-name.ts'
import { problem } from './protocol/problem.ts'

type Env = { Bindings: HttpBindings }

/** What files need of the server. */
export interface FileOptions {
  readonly hub: Hub
  readonly conversions: Conversions
}

/** The document and format that an address like `plan.md` names; null when it names neither. */
export function parseFileName(
  text: string,
): { readonly name: DocumentName; readonly format: FileFormat } | null {
  const [, stem, ending] = /^(.+)\.([a-z]+)$/.exec(text) ?? []
  const format = Object.keys(fileFormats).find((known): known is FileFormat => known === ending)
  const name = stem === undefined ? null : parseDocumentName(stem)
  return typeof name === 'string' && format !== undefined ? { name, format } : null
}

/** Answers with the document as a file of its title. */
export async function sendFile(
  c: Context<Env>,
  { hub, conversions }: FileOptions,
  { name, format }: { readonly name: DocumentName; readonly format: FileFormat },
): Promise<Response> {
  await hub.mustExist(name)
  let title = ''
  const conversion = await conversions.run(async () => {
    const snapshot = await hub.snapshot(name)
    title = snapshot.title
    return { kind: 'export', format, ...snapshot }
  })
  if (conversion.kind === 'refused') return refuse(c, conversion)
  if (conversion.kind !== 'exported') throw new Error('an export gave an import')
  return c.body(new Uint8Array(conversion.text), 200, {
    'Content-Type': `${fileFormats[format]}; charset=utf-8`,
    'Content-Disposition': contentDisposition(title, format),
    'Cache-Control': 'no-store',
  })
}

/** Makes a document of the request's body; a response when it can't be one. */
export async function receiveFile(
  c: Context<Env>,
  { hub, conversions }: FileOptions,
  body: () => Promise<Uint8Array>,
): Promise<DocumentName | Response> {
  const contentType = c.req.header('content-type') ?? ''
  const conversion = await conversions.run(async () => ({ kind: 'import', body: await body(), contentType }))
  if (conversion.kind === 'refused') return refuse(c, conversion)
  if (conversion.kind !== 'imported') throw new Error('an import gave an export')
  return hub.adopt(conversion.update, conversion.title)
}

type Refusal = Extract<Conversion, { kind: 'refused' }>

function refuse(c: Context<Env>, { code, message }: Refusal): Response {
  const status = { invalid: 400, unsupported: 415, 'too-large': 413 } as const
  return c.json(problem(code, message), status[code])
}

/** The title as a file name, for programs that know only ASCII and for all others. */
function contentDisposition(title: string, format: FileFormat): string {
  const name = title
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*\p{Cs}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[. ]+$/, '')
  const file = `${Array.from(name).slice(0, 80).join('') || 'document'}.${format}`
  const plain = file.replace(/[^\x20-\x7e]/g, '_').replace(/[%']/g, '_')
  const encoded = encodeURIComponent(file).replace(
    /['()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16)}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
