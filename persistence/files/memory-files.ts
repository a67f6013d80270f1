import { StorageError } from '../errors.ts'
import { type Files, type FileUse, type FoundFile, startBytes, type StoredFile } from '../files.ts'
import type { Standing } from '../storage.ts'
import { checkFileName, finishFileId, startFileId } from './file-id.ts'

interface Kept extends StoredFile {
  readonly content: Uint8Array
}

/** Files that are forgotten with the process. */
export class MemoryFiles implements Files {
  readonly #documents = new Map<string, Map<string, Kept>>()
  readonly #standing: (document: string) => Promise<Standing>

  constructor(standing: (document: string) => Promise<Standing>) {
    this.#standing = standing
  }

  async put(document: string, name: string, content: AsyncIterable<Uint8Array>): Promise<StoredFile> {
    checkFileName(name)
    await this.#mustNotBeRemoved(document)
    const hash = startFileId(name)
    const pieces: Uint8Array[] = []
    for await (const piece of content) {
      hash.update(piece)
      pieces.push(new Uint8Array(piece))
    }
    await this.#mustNotBeRemoved(document)
    const all = new Uint8Array(Buffer.concat(pieces))
    const kept = { id: finishFileId(hash), name, bytes: all.length, content: all }
    this.#of(document).set(kept.id, kept)
    return { id: kept.id, name, bytes: kept.bytes }
  }

  async find(document: string, id: string): Promise<FoundFile | null> {
    await this.#standing(document)
    const kept = this.#documents.get(document)?.get(id)
    if (kept === undefined) return null
    const { content, ...file } = kept
    const read = async function* () {
      yield await Promise.resolve(content)
    }
    return { ...file, start: content.slice(0, startBytes), read }
  }

  async use(document?: string): Promise<FileUse> {
    if (document !== undefined) await this.#standing(document)
    const wanted =
      document === undefined ? [...this.#documents.values()] : [this.#documents.get(document) ?? new Map()]
    const kept = wanted.flatMap((files: ReadonlyMap<string, Kept>) => [...files.values()])
    return { files: kept.length, bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0) }
  }

  async copy(from: string, to: string): Promise<void> {
    await this.#mustNotBeRemoved(from)
    await this.#mustNotBeRemoved(to)
    for (const [id, kept] of this.#documents.get(from) ?? []) this.#of(to).set(id, kept)
  }

  /** How many files there are. */
  get count(): number {
    return [...this.#documents.values()].reduce((sum, files) => sum + files.size, 0)
  }

  remove(document: string): void {
    this.#documents.delete(document)
  }

  clear(): void {
    this.#documents.clear()
  }

  #of(document: string): Map<string, Kept> {
    const files = this.#documents.get(document) ?? new Map<string, Kept>()
    this.#documents.set(document, files)
    return files
  }

  async #mustNotBeRemoved(document: string): Promise<void> {
    if ((await this.#standing(document)) === 'removed')
      throw new StorageError('removed', 'the document was removed')
  }
}
