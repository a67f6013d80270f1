/** Where documents are kept: the contract (`Storage`) and the back-ends that keep it. */
export { StorageError } from './errors.ts'
export type { StorageErrorCode } from './errors.ts'
export { maxFileNameBytes, startBytes } from './files.ts'
export type * from './files.ts'
export { createMemoryStorage } from './memory.ts'
export { openSqliteStorage, readSqliteStorage } from './sqlite.ts'
export type { DamageReport, SqliteOptions, StorageReader } from './sqlite.ts'
export type * from './storage.ts'
