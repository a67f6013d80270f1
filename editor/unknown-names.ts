/** Names of the placeholders for what an editor doesn't know: the schema has them, the binding makes them. */
export const unknownBlock = 'unknown_block'
export const unknownInline = 'unknown_inline'
export const unknownMark = 'unknown'
