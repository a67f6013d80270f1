/**
 * Why a storage call failed. `unavailable`: the disk or database said no, the same call may work later.
 * `removed`: the document was deleted. `closed`: the storage is closed. `format`: the store was written by a newer
 * version or is no store of ours. `invalid`: the caller asked for something impossible. `damaged`: the database file
 * can't be read, and was opened for reading only, so nothing was done about it.
 */
export type StorageErrorCode = 'unavailable' | 'removed' | 'closed' | 'format' | 'invalid' | 'damaged'

/** The one error class storage calls reject with; the failing outside world is its `cause`. */
export class StorageError extends Error {
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageError'
    this.code = code
  }
}
