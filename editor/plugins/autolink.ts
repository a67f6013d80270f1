import { InputRule, inputRules } from 'prosemirror-inputrules'
import type { Plugin } from 'prosemirror-state'
import { completeAddress } from '../address.ts'
import { schemaOf } from '../schema/index.ts'

const typedAddress =
  /(^|[\s(])((?:https?:\/\/|www\.)[^\s<>"]{2,}|[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[a-z]{2,})\s$/i
const afterthought = /[.,;:!?'"\])}]+$/

/** An address without the punctuation that ends the sentence around it; a bracket it opened itself stays. */
export function trimAddress(typed: string): string {
  const trimmed = typed.replace(afterthought, '')
  const isOpen = trimmed.split('(').length > trimmed.split(')').length
  return isOpen && typed.startsWith(`${trimmed})`) ? `${trimmed})` : trimmed
}

/** Links an address when the space after it is typed; Backspace takes the link away again. */
export function autolink(): Plugin {
  const rule = new InputRule(
    typedAddress,
    (state, match, start, end) => {
      const [whole, before = '', typed = ''] = match
      const address = trimAddress(typed)
      const href = completeAddress(address)
      const from = start + before.length
      const to = from + address.length
      const { link } = schemaOf(state).marks
      const { parent } = state.doc.resolve(from)
      if (href === null || !parent.type.allowsMarkType(link)) return null
      if (state.doc.rangeHasMark(from, to, link)) return null
      const space = whole.slice(before.length + typed.length)
      return state.tr.insertText(space, end).addMark(from, to, link.create({ href }))
    },
    { inCodeMark: false },
  )
  return inputRules({ rules: [rule] })
}
