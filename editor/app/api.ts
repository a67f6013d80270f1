import * as v from 'valibot'
import { request } from './request.ts'

const documentSchema = v.object({
  name: v.string(),
  title: v.string(),
  createdAt: v.number(),
  changedAt: v.number(),
})
const pageSchema = v.object({ documents: v.array(documentSchema), next: v.nullable(v.string()) })

export type DocumentEntry = v.InferOutput<typeof documentSchema>
export type DocumentPage = v.InferOutput<typeof pageSchema>

export const listDocuments = (cursor: string | null): Promise<DocumentPage> =>
  call(pageSchema, 'GET', cursor === null ? '/documents' : `/documents?cursor=${encodeURIComponent(cursor)}`)

export const createDocument = (): Promise<DocumentEntry> =>
  call(documentSchema, 'POST', '/documents', { body: {} })

/** Makes a document of a file of text. */
export const importDocument = (file: File): Promise<DocumentEntry> => {
  const body = new FormData()
  body.append('file', file)
  return call(documentSchema, 'POST', '/documents', { body })
}

export const renameDocument = (name: string, title: string): Promise<DocumentEntry> =>
  call(documentSchema, 'PATCH', documentPath(name), { body: { title } })

export const duplicateDocument = (name: string): Promise<DocumentEntry> =>
  call(documentSchema, 'POST', `${documentPath(name)}/duplicate`)

export const deleteDocument = (name: string): Promise<null> => call(v.null(), 'DELETE', documentPath(name))

const documentPath = (name: string) => `/documents/${encodeURIComponent(name)}`

async function call<T extends v.GenericSchema>(
  schema: T,
  ...[method, path, options]: Parameters<typeof request>
): Promise<v.InferOutput<T>> {
  return v.parse(schema, await request(method, path, options))
}
