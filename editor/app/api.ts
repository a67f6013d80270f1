import * as v from 'valibot'

const documentSchema = v.object({
  name: v.string(),
  title: v.string(),
  createdAt: v.number(),
  changedAt: v.number(),
})
const pageSchema = v.object({ documents: v.array(documentSchema), next: v.nullable(v.string()) })
const sessionSchema = v.object({ needsPassword: v.boolean(), isLetIn: v.boolean(), linkPart: v.string() })
const problemSchema = v.object({ error: v.object({ code: v.string(), message: v.string() }) })

export type DocumentEntry = v.InferOutput<typeof documentSchema>
export type DocumentPage = v.InferOutput<typeof pageSchema>
export type Session = v.InferOutput<typeof sessionSchema>

/** The server said no, in words a person can be shown; `offline` when it could not be reached. */
export class ApiError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.name = 'ApiError'
    this.code = code
  }
}

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

export const readSession = (signal: AbortSignal): Promise<Session> =>
  call(sessionSchema, 'GET', '/session', { signal })

export const signIn = async (password: string): Promise<void> => {
  await call(v.object({ isLetIn: v.boolean() }), 'POST', '/session', { body: { password } })
}

const documentPath = (name: string) => `/documents/${encodeURIComponent(name)}`

const toJson = (body: object | undefined): RequestInit =>
  body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }

async function call<T extends v.GenericSchema>(
  schema: T,
  method: string,
  path: string,
  { body, signal }: { readonly body?: object; readonly signal?: AbortSignal } = {},
): Promise<v.InferOutput<T>> {
  const response = await fetch(`/api${path}`, {
    method,
    ...(signal === undefined ? {} : { signal }),
    ...(body instanceof FormData ? { body } : toJson(body)),
  }).catch(() => {
    throw new ApiError('offline', 'The server can’t be reached just now.')
  })
  const value: unknown = response.status === 204 ? null : await response.json().catch(() => undefined)
  if (response.ok) return v.parse(schema, value)
  const problem = v.safeParse(problemSchema, value)
  if (problem.success) throw new ApiError(problem.output.error.code, problem.output.error.message)
  throw new ApiError('internal', 'The server could not do this just now.')
}
