import { editorRows } from './editor-rows.ts'
import { memoryRows } from './memory-rows.ts'
import type { Row } from './row.ts'
import { storageRows } from './storage-rows.ts'
import { updateRows } from './update-rows.ts'

/** All there is to measure, as it stands in the table. */
export const rows: readonly Row[] = [...updateRows, ...storageRows, ...memoryRows, ...editorRows]
