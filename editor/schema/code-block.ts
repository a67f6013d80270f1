import type { NodeSpec } from 'prosemirror-model'

/** The language of a code block that is a formula: written as TeX, shown as what it means. */
export const mathLanguage = 'math'

/** A language as the document has it: a short plain name in small letters; null for anything else. */
export function parseLanguage(value: unknown): string | null {
  if (typeof value !== 'string') return null
  return /^[a-z0-9][a-z0-9+#._-]{0,31}$/.test(value.toLowerCase()) ? value.toLowerCase() : null
}

/** Lines of code, or of a formula. */
export const codeBlock: NodeSpec = {
  group: 'block',
  content: 'text*',
  marks: '',
  code: true,
  defining: true,
  attrs: { language: { default: null } },
  parseDOM: [
    {
      tag: 'pre',
      preserveWhitespace: 'full',
      getAttrs: (element) => {
        const name = /(?:language|lang)-([\w+#.-]+)/.exec(element.querySelector('code')?.className ?? '')?.[1]
        return { language: parseLanguage(name) }
      },
    },
  ],
  toDOM: (node) => {
    const language = parseLanguage(node.attrs['language'])
    const attrs = language === null ? {} : { class: `language-${language}` }
    return ['pre', { dir: 'auto', spellcheck: 'false' }, ['code', attrs, 0]]
  },
}
