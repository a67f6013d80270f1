import type { Attrs, NodeSpec } from 'prosemirror-model'

/** Longest name a mention shows, in UTF-16 units; and longest id it keeps. */
const longest = 200

/** A mention's attributes after parsing. */
export interface MentionAttrs {
  /** Whose: the id the host's `mentions` gave, or the person's user id; null when there was none. */
  readonly id: string | null
  readonly label: string
}

/** Reads a mention's attributes, whoever wrote them. */
export function parseMention(attrs: Attrs): MentionAttrs {
  const { id, label }: Attrs = attrs
  return {
    id: typeof id === 'string' && id !== '' ? id.slice(0, longest) : null,
    label: typeof label === 'string' ? label.slice(0, longest) : '',
  }
}

/** The name of somebody or something, in one piece. */
export const mention: NodeSpec = {
  group: 'inline',
  inline: true,
  atom: true,
  attrs: { id: { default: null }, label: { default: null } },
  leafText: (node) => `@${parseMention(node.attrs).label}`,
  parseDOM: [
    {
      tag: 'span[data-mention]',
      getAttrs: (element) => {
        const label = element.dataset['label'] ?? element.textContent.replace(/^@/, '')
        return parseMention({ id: element.dataset['mention'], label })
      },
    },
  ],
  toDOM: (node) => {
    const { id, label } = parseMention(node.attrs)
    return ['span', { class: 'coscribe-mention', 'data-mention': id ?? '', 'data-label': label }, `@${label}`]
  },
}
