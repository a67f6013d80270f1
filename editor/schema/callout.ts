import type { NodeSpec } from 'prosemirror-model'

/** Kinds of callout; the first is what an unknown kind counts as. They are those of GitHub's alerts. */
export const calloutKinds = ['note', 'tip', 'important', 'warning', 'caution'] as const
export type CalloutKind = (typeof calloutKinds)[number]

/** A callout's kind, whoever wrote it. */
export function parseCallout(value: unknown): CalloutKind {
  return calloutKinds.find((known) => known === value) ?? calloutKinds[0]
}

/** Blocks that stand out. */
export const callout: NodeSpec = {
  group: 'block',
  content: 'block*',
  defining: true,
  attrs: { kind: { default: null } },
  parseDOM: [{ tag: 'aside', getAttrs: (element) => ({ kind: parseCallout(element.dataset['callout']) }) }],
  toDOM: (node) => {
    const kind = parseCallout(node.attrs['kind'])
    return ['aside', { 'data-callout': kind, role: 'note', 'aria-label': kind }, 0]
  },
}
