import type { Files, StoredFile } from '../persistence/index.ts'
import type { Clock } from './clock.ts'
import { type PictureType, pictureType } from './file-type.ts'
import type { Limits } from './limits.ts'
import type { DocumentName } from './protocol/document-name.ts'
import { RequestRates } from './throttle.ts'

export type UploadLimits = Pick<
  Limits,
  | 'maxFileBytes'
  | 'maxFilesPerDocument'
  | 'maxFileBytesPerDocument'
  | 'maxFileBytesTotal'
  | 'maxUploads'
  | 'maxUploadsPerAddress'
  | 'maxUploadsPerSecond'
  | 'uploadTimeoutMs'
>

/** Why a file was not taken, in words for whoever sent it. */
export class UploadRefusal extends Error {
  readonly code: 'invalid' | 'too-large' | 'throttled'
  /** When trying again may help. */
  readonly retryAfterSeconds: number | null

  constructor(code: UploadRefusal['code'], message: string, retryAfterSeconds: number | null = null) {
    super(message)
    this.name = 'UploadRefusal'
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

export interface Upload {
  readonly document: DocumentName
  /** Of whoever sends it, as limits count addresses. */
  readonly address: string
  readonly name: string
  /** How large its sender says it is; null when it does not. */
  readonly announcedBytes: number | null
  readonly content: AsyncIterable<Uint8Array>
}

export interface TakenFile extends StoredFile {
  /** Null for all that is no picture. */
  readonly type: PictureType | null
}

interface UnderWay {
  readonly address: string
  readonly document: DocumentName
  /** What it may still bring, so that many at once can't exceed together what none exceeds alone. */
  readonly bytes: number
}

/** Files on their way in: how many, how large and how fast. */
export class Uploads {
  readonly #files: Files
  readonly #limits: UploadLimits
  readonly #clock: Clock
  readonly #rates: RequestRates
  readonly #underWay = new Set<UnderWay>()

  constructor(files: Files, limits: UploadLimits, clock: Clock) {
    this.#files = files
    this.#limits = limits
    this.#clock = clock
    this.#rates = new RequestRates(limits.maxUploadsPerSecond)
  }

  /** Stores a file; it is durable when this resolves. Rejects with an `UploadRefusal`, or as `Files.put` does. */
  async take(upload: Upload): Promise<TakenFile> {
    const { document, address, name, announcedBytes } = upload
    this.#admit(upload)
    const underWay = { address, document, bytes: announcedBytes ?? this.#limits.maxFileBytes }
    this.#underWay.add(underWay)
    try {
      await this.#checkSpace(underWay)
      let type: PictureType | null = null
      const looked = this.#watch(upload.content, (start) => (type = pictureType(start)))
      const file = await this.#files.put(document, name, looked)
      return { ...file, type }
    } finally {
      this.#underWay.delete(underWay)
    }
  }

  #admit({ address, announcedBytes }: Upload): void {
    const waitSeconds = this.#rates.waitSeconds(address, this.#clock.now())
    if (waitSeconds > 0)
      throw new UploadRefusal('throttled', 'Too many files at once. Wait a moment.', waitSeconds)
    const { maxUploads, maxUploadsPerAddress, maxFileBytes } = this.#limits
    const ofAddress = [...this.#underWay].filter((each) => each.address === address).length
    if (this.#underWay.size >= maxUploads || ofAddress >= maxUploadsPerAddress)
      throw new UploadRefusal('throttled', 'Other files are still on their way. Wait a moment.', 2)
    if (announcedBytes !== null && announcedBytes > maxFileBytes) throw tooLarge(maxFileBytes)
  }

  async #checkSpace(underWay: UnderWay): Promise<void> {
    const { maxFilesPerDocument, maxFileBytesPerDocument, maxFileBytesTotal } = this.#limits
    const ofDocument = [...this.#underWay].filter((each) => each.document === underWay.document)
    const sum = (uploads: Iterable<UnderWay>) => [...uploads].reduce((bytes, each) => bytes + each.bytes, 0)
    const used = await this.#files.use(underWay.document)
    if (used.files + ofDocument.length > maxFilesPerDocument)
      throw new UploadRefusal('too-large', 'The document has as many files as it can have.')
    if (used.bytes + sum(ofDocument) > maxFileBytesPerDocument)
      throw new UploadRefusal('too-large', 'The files of this document would take too much space.')
    const all = await this.#files.use()
    if (all.bytes + sum(this.#underWay) > maxFileBytesTotal)
      throw new UploadRefusal('too-large', 'The server has no space for more files.')
  }

  /** Passes the content on, unless there is too much or too little of it, or it comes too slowly. */
  async *#watch(
    content: AsyncIterable<Uint8Array>,
    look: (start: Uint8Array) => void,
  ): AsyncGenerator<Uint8Array> {
    const { maxFileBytes, uploadTimeoutMs } = this.#limits
    const lastMoment = this.#clock.now() + uploadTimeoutMs
    let bytes = 0
    let start: Uint8Array = new Uint8Array()
    for await (const piece of content) {
      bytes += piece.length
      if (bytes > maxFileBytes) throw tooLarge(maxFileBytes)
      if (this.#clock.now() > lastMoment) throw new UploadRefusal('too-large', 'The file came too slowly.')
      if (start.length < enoughToTell) look((start = join(start, piece)))
      yield piece
    }
    if (bytes === 0) throw new UploadRefusal('invalid', 'There is nothing in this file.')
  }
}

/** Bytes by which every kind of picture is known. */
const enoughToTell = 16

function join(start: Uint8Array, piece: Uint8Array): Uint8Array {
  return Uint8Array.from([...start, ...piece.subarray(0, enoughToTell)])
}

function tooLarge(maxFileBytes: number): UploadRefusal {
  const most = Math.floor(maxFileBytes / 1024 / 1024)
  const size = most > 0 ? `${most} MB` : `${maxFileBytes} bytes`
  return new UploadRefusal('too-large', `The file is larger than ${size}, the most this server takes.`)
}
