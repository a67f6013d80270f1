/** What somebody may do with a document. Roles per person come with the access issue; see SPEC.md. */
export interface Access {
  readonly role: 'editor' | 'viewer'
}

export type Action = 'read' | 'write'

export const editorAccess: Access = { role: 'editor' }

export function may(access: Access, action: Action): boolean {
  switch (action) {
    case 'read':
      return true
    case 'write':
      return access.role === 'editor'
  }
}
