/** What somebody may do with a document, and who that is. Roles per person come with the access issue; see SPEC.md. */
export interface Access {
  readonly role: 'editor' | 'viewer'
  /** Left out for people the server does not know by name. */
  readonly user?: User
}

/** A person as the server vouches for them. */
export interface User {
  readonly id: string
  readonly name: string
  /** `#rrggbb`; anything else is replaced. */
  readonly color?: string
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
