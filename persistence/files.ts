/** A file that belongs to a document. */
export interface StoredFile {
  /** 43 characters of base64url, made from name and content: the same file of a document is stored once. */
  readonly id: string
  readonly name: string
  readonly bytes: number
}

/** A file as it is found. */
export interface FoundFile extends StoredFile {
  /** Its first bytes, at most `startBytes`: enough to tell what it is. */
  readonly start: Uint8Array
  /**
   * The content in pieces. The last one comes only after all of them were found to be what was stored; otherwise this
   * throws `damaged`.
   */
  read(): AsyncIterable<Uint8Array>
}

export interface FileUse {
  readonly files: number
  readonly bytes: number
}

/**
 * The files of documents, kept with them: in `backup` and `verify`, and gone when their document is removed (ST9).
 *
 * F1 `put` resolves only when the file is durable; one that fails, or whose content ends with an error, leaves nothing
 *    that is ever found, whenever the process ends.
 * F2 A file is found under its own document only. Ids are made here; names are kept, and never part of a path.
 */
export interface Files {
  /**
   * Stores what `content` brings, without holding it in memory. Rejects with what `content` throws, with `removed` for
   * a removed document, with `unavailable` when the disk says no. A name has at most `maxFileNameBytes`.
   */
  put(document: string, name: string, content: AsyncIterable<Uint8Array>): Promise<StoredFile>
  /** Null when the document has no such file. */
  find(document: string, id: string): Promise<FoundFile | null>
  /** What the files of a document take, or of all documents together. */
  use(document?: string): Promise<FileUse>
  /** Gives `to` all files that `from` has now, under the same ids. Rejects with `removed`. */
  copy(from: string, to: string): Promise<void>
}

/** The longest name of a file, in bytes of UTF-8: what file systems take. */
export const maxFileNameBytes = 255

/** How much of a file `find` reads. */
export const startBytes = 512
