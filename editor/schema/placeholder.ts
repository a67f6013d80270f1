import type { NodeSpec } from 'prosemirror-model'

/** A name or text that others wrote, short enough to be shown. */
export function shortText(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : ''
}

/** The text in a node's JSON, whoever wrote that. */
function textInJSON(json: unknown): string {
  if (Array.isArray(json)) return json.map(textInJSON).join(' ')
  if (typeof json !== 'object' || json === null) return ''
  if ('text' in json && typeof json.text === 'string') return json.text
  return 'content' in json ? textInJSON(json.content) : ''
}

/** Shows what this version doesn't know by its name, and its text if it has any; nothing else of it is believed. */
export function placeholder(tag: 'div' | 'span'): NodeSpec {
  return {
    attrs: { name: { default: '' }, attrs: { default: null }, content: { default: null } },
    atom: true,
    toDOM: ({ attrs }) => {
      const text = textInJSON(attrs['content'])
      const label = [shortText(attrs['name']), shortText(text)].filter((part) => part !== '').join(': ')
      return [tag, { class: 'coscribe-unknown', contenteditable: 'false', title: unknownHint }, label]
    },
  }
}

const unknownHint = 'Made by a newer version of the editor. It is kept as it is.'
