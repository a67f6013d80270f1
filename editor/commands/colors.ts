import type { Mark } from 'prosemirror-model'
import type { Command, EditorState } from 'prosemirror-state'
import { parseColor, schemaOf, type PaletteColor } from '../schema/index.ts'

/** The marks that are a colour. */
export type ColorMark = 'highlight' | 'text_color'

function colorIn(name: ColorMark, marks: readonly Mark[]): PaletteColor | null {
  return parseColor(marks.find(({ type }) => type.name === name)?.attrs['color'])
}

/** The colour that all of the selection has, or what is typed next; null when there is none, or several. */
export function activeColor(state: EditorState, name: ColorMark): PaletteColor | null {
  const { empty, $from, ranges } = state.selection
  if (empty) return colorIn(name, state.storedMarks ?? $from.marks())
  const colors = new Set<PaletteColor | null>()
  for (const { $from: from, $to: to } of ranges) {
    state.doc.nodesBetween(from.pos, to.pos, (node) => {
      if (node.isText) colors.add(colorIn(name, node.marks))
    })
  }
  const [first = null] = colors
  return colors.size === 1 ? first : null
}

function mayColor(state: EditorState, name: ColorMark): boolean {
  const type = schemaOf(state).marks[name]
  const { empty, $from, ranges } = state.selection
  if (empty) return $from.parent.inlineContent && $from.parent.type.allowsMarkType(type)
  let isPossible = false
  for (const { $from: from, $to: to } of ranges) {
    state.doc.nodesBetween(from.pos, to.pos, (node) => {
      isPossible ||= node.inlineContent && node.type.allowsMarkType(type)
    })
  }
  return isPossible
}

/** Colours the selection, or what is typed next; null takes the colour away. */
export function setColor(name: ColorMark, color: PaletteColor | null): Command {
  return (state, dispatch) => {
    if (!mayColor(state, name)) return false
    if (!dispatch) return true
    const type = schemaOf(state).marks[name]
    const { tr } = state
    if (state.selection.empty)
      dispatch(color === null ? tr.removeStoredMark(type) : tr.addStoredMark(type.create({ color })))
    else {
      for (const { $from, $to } of state.selection.ranges) {
        if (color === null) tr.removeMark($from.pos, $to.pos, type)
        else tr.addMark($from.pos, $to.pos, type.create({ color }))
      }
      dispatch(tr.scrollIntoView())
    }
    return true
  }
}

/** Highlights in yellow, or takes whatever highlight there is away. */
export const toggleHighlight: Command = (state, dispatch) => {
  const isOn = activeColor(state, 'highlight') !== null
  return setColor('highlight', isOn ? null : 'yellow')(state, dispatch)
}
