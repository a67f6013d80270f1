import { setBlockType } from 'prosemirror-commands'
import type { Command, EditorState } from 'prosemirror-state'
import { mathLanguage, schemaOf, type ListKind, type TextStyle } from '../schema/index.ts'
import { selectedParagraphs, setStyle, toggleList } from './blocks.ts'

/** What a block of text can become, each with the command that makes it so; it has no effect the second time. */
export const blockKinds = ['text', 'heading1', 'heading2', 'heading3', 'bullet', 'ordered', 'task', 'quote', 'code'] as const // prettier-ignore
export type BlockKind = (typeof blockKinds)[number]

/** Makes the selected blocks items of a list; those that are stay. */
export function setList(list: ListKind): Command {
  return (state, dispatch) => {
    const paragraphs = selectedParagraphs(state)
    const isSet = paragraphs.length > 0 && paragraphs.every(({ attrs }) => attrs.list === list)
    return isSet || toggleList(list)(state, dispatch)
  }
}

/** Makes the selected blocks code; code stays as it is. */
export const setCode: Command = (state, dispatch) => {
  const isSet = state.selection.$from.parent.type.name === 'code_block'
  return isSet || setBlockType(schemaOf(state).nodes.code_block)(state, dispatch)
}

/** Makes the selected blocks something of the kind. */
export function turnInto(kind: BlockKind): Command {
  switch (kind) {
    case 'text':
      return setStyle(null)
    case 'bullet':
    case 'ordered':
    case 'task':
      return setList(kind)
    case 'code':
      return setCode
    case 'heading1':
    case 'heading2':
    case 'heading3':
    case 'quote':
      return setStyle(kind satisfies TextStyle)
  }
}

/** What the selected blocks are; null when they differ or are something else. */
export function activeKind(state: EditorState): BlockKind | null {
  const { parent } = state.selection.$from
  if (parent.type.name === 'code_block') return parent.attrs['language'] === mathLanguage ? null : 'code'
  const kinds = new Set(selectedParagraphs(state).map(({ attrs }) => attrs.list ?? attrs.style ?? 'text'))
  const [kind] = kinds
  return kinds.size === 1 ? (blockKinds.find((known) => known === kind) ?? null) : null
}
