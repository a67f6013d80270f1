import type { Node } from 'prosemirror-model'
import { Plugin, type EditorState } from 'prosemirror-state'
import { Decoration, DecorationSet } from 'prosemirror-view'
import { parseParagraph } from '../schema/index.ts'

/** What stands in the place of missing text. */
export interface Placeholders {
  readonly title: string
  readonly text: string
}

function isEmptyParagraph(node: Node | null | undefined): boolean {
  return node?.type.name === 'paragraph' && node.content.size === 0
}

function placeholders(state: EditorState, texts: Placeholders): DecorationSet {
  const { doc } = state
  const decorations: Decoration[] = []
  const add = (position: number, node: Node, text: string): void => {
    const attrs = { class: 'coscribe-placeholder', 'data-placeholder': text }
    decorations.push(Decoration.node(position, position + node.nodeSize, attrs))
  }
  const { firstChild: first } = doc
  if (first === null || first.type.name !== 'paragraph') return DecorationSet.empty
  const { style, list } = parseParagraph(first.attrs)
  const isTitle = style === 'title'
  if (isTitle && isEmptyParagraph(first)) add(0, first, texts.title)
  const index = isTitle ? 1 : 0
  const body = doc.maybeChild(index)
  const isBare = doc.childCount === index + 1 && body !== null && isEmptyParagraph(body)
  const isText = body !== null && parseParagraph(body.attrs).style === null && (isTitle || list === null)
  if (isBare && isText) add(isTitle ? first.nodeSize : 0, body, texts.text)
  return DecorationSet.create(doc, decorations)
}

/** Shows what goes where nothing is written yet: in an empty title, and in a document with no other text. */
export function placeholder(texts: Placeholders): Plugin {
  return new Plugin({
    props: {
      decorations: (state) => placeholders(state, texts),
      attributes: (state): Record<string, string> =>
        state.doc.childCount === 0 ? { class: 'coscribe-placeholder', 'data-placeholder': texts.text } : {},
    },
  })
}
