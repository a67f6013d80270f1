import type { ContentFormat } from '../index.ts'
import { fileText } from './file-text.ts'

const formats: Readonly<Record<string, ContentFormat>> = {
  md: 'markdown',
  markdown: 'markdown',
  html: 'html',
  htm: 'html',
  txt: 'text',
  json: 'json',
}

/** Larger ones would keep the page from answering for long; the server takes more as documents of their own. */
const maxBytes = 2_000_000

/** Lets a person pick a file that can be imported; null when they don't. Must be called by a press. */
export function chooseFile(): Promise<File | null> {
  const input = document.createElement('input')
  input.type = 'file'
  input.accept = Object.keys(formats)
    .map((ending) => `.${ending}`)
    .join(',')
  return new Promise((resolve) => {
    input.addEventListener('change', () => resolve(input.files?.[0] ?? null))
    input.addEventListener('cancel', () => resolve(null))
    input.click()
  })
}

/** A file can't be imported; the message says why, in words for whoever picked it. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
}

/** What is in a file, as an editor takes it. Rejects with an `ImportError`. */
export async function readContent(file: File): Promise<{ content: unknown; format: ContentFormat }> {
  const { name } = file
  const format = formats[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '']
  if (format === undefined) throw new ImportError(fileText.unsupported(name))
  if (file.size > maxBytes) throw new ImportError(fileText.tooLarge(name))
  const content = decode(await file.arrayBuffer())
  if (content === null) throw new ImportError(fileText.notText(name))
  return { content: format === 'json' ? parseJson(content, name) : content, format }
}

function decode(bytes: ArrayBuffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function parseJson(content: string, name: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw new ImportError(fileText.notDocument(name))
  }
}
