import { InputRule, inputRules } from 'prosemirror-inputrules'
import { TextSelection, type EditorState, type Plugin, type Transaction } from 'prosemirror-state'
import { parseAddress } from '../address.ts'
import { undoneApart } from '../binding/binding.ts'
import { writeParagraph } from '../commands/blocks.ts'
import { openCallout } from '../commands/callouts.ts'
import { openFence } from '../commands/enter.ts'
import type { ToggledMark } from '../commands/marks.ts'
import { calloutKinds, parseParagraph, schemaOf, textStyles, type ParagraphAttrs } from '../schema/index.ts'

type Change = (match: RegExpMatchArray, attrs: ParagraphAttrs) => Partial<ParagraphAttrs> | null

/** A rule that turns the paragraph it is typed at the start of into something. */
function paragraphRule(pattern: RegExp, change: Change): InputRule {
  return new InputRule(
    pattern,
    (state, match, start, end) => {
      const $start = state.doc.resolve(start)
      if ($start.parent.type.name !== 'paragraph' || $start.parentOffset > 0) return null
      const attrs = change(match, parseParagraph($start.parent.attrs))
      return attrs === null ? null : writeParagraph(state.tr.delete(start, end), $start.before(), attrs)
    },
    { inCodeMark: false },
  )
}

const heading = paragraphRule(/^(#{1,6})\s$/, (match, { list }) => {
  const style = textStyles.find((name) => name === `heading${match[1]?.length ?? 0}`)
  return style === undefined || list !== null ? null : { style }
})

const bullet = paragraphRule(/^[-*+]\s$/, (_, { list }) =>
  list === null ? { list: 'bullet', style: null } : null,
)

const ordered = paragraphRule(/^(\d{1,6})[.)]\s$/, (match, { list }) => {
  const start = Number(match[1])
  return list === null ? { list: 'ordered', style: null, start: start === 1 ? null : start } : null
})

const task = paragraphRule(/^\[([ xX]?)\]\s$/, (match, { list }) =>
  list === 'task'
    ? null
    : { list: 'task', style: null, checked: match[1]?.toLowerCase() === 'x' ? true : null },
)

const quote = paragraphRule(/^>\s$/, (_, { list, style }) =>
  list !== null || style === 'quote' ? null : { style: 'quote' },
)

/** `[!note] `, also after the `> ` that GitHub writes before it. */
const calloutRule = new InputRule(
  /^\[!([a-z]+)\]\s$/i,
  (state, match) => {
    const kind = calloutKinds.find((name) => name === match[1]?.toLowerCase())
    const typed = match[0].length - 1
    return kind === undefined ? null : openCallout(state, kind, typed)
  },
  { inCodeMark: false },
)

/** "```" and a space; Enter does the same, in commands/enter.ts. */
const codeBlock = new InputRule(/^```([^\s`]*)\s$/, (state, match) => openFence(state, match[1] ?? ''), {
  inCodeMark: false,
})

/** Only a paragraph that holds nothing else becomes a rule. */
function isReplaceable(size: number, typed: number): boolean {
  return size === typed
}

const rule = new InputRule(
  /^---$/,
  (state, _match, start, end) => {
    const $start = state.doc.resolve(start)
    const { parent } = $start
    if (parent.type.name !== 'paragraph' || !isReplaceable(parent.content.size, end - start)) return null
    const { horizontal_rule } = schemaOf(state).nodes
    const tr = state.tr.delete(start, end).insert($start.before(), horizontal_rule.create())
    return undoneApart(tr)
  },
  { inCodeMark: false },
)

/** A rule for text between two markers, as in `**bold**`: `match[1]` is what stands before, `match[2]` the text. */
function markRule(pattern: RegExp, name: ToggledMark | 'highlight' | 'math'): InputRule {
  return new InputRule(
    pattern,
    (state, match, start, end) => {
      const [whole, before = '', text = ''] = match
      const typed = whole.length - (end - start)
      const from = start + before.length
      const open = whole.indexOf(text, before.length) - before.length
      const close = whole.length - before.length - open - text.length
      const type = schemaOf(state).marks[name]
      if (!canMark(state, from, end) || text === '') return null
      const tr = state.tr
      // What was typed last is not in the document yet.
      if (close > typed) tr.delete(end - (close - typed), end)
      tr.delete(from, from + open)
      tr.addMark(from, from + text.length, type.create()).removeStoredMark(type)
      return tr
    },
    { inCodeMark: false },
  )
}

function canMark(state: EditorState, from: number, to: number): boolean {
  const { parent } = state.doc.resolve(from)
  return parent.type.name === 'paragraph' && to <= state.doc.content.size
}

const link = new InputRule(
  /\[([^[\]]+)\]\(([^\s()]+)\)$/,
  (state, match, start, end) =>
    linkText(state, { text: match[1] ?? '', address: match[2] ?? '', start, end }),
  { inCodeMark: false },
)

interface TypedLink {
  readonly text: string
  readonly address: string
  readonly start: number
  readonly end: number
}

function linkText(state: EditorState, { text, address, start, end }: TypedLink): Transaction | null {
  const href = parseAddress(address)
  if (href === null || !canMark(state, start, end)) return null
  const tr = state.tr.delete(start + 1 + text.length, end).delete(start, start + 1)
  const { link: type } = schemaOf(state).marks
  tr.addMark(start, start + text.length, type.create({ href })).removeStoredMark(type)
  return tr.setSelection(TextSelection.create(tr.doc, start + text.length))
}

/** Markdown as it is typed: headings, lists, quotes, code, rules and marks. Backspace gives back what was typed. */
export function markdownRules(): Plugin {
  return inputRules({
    rules: [
      heading,
      bullet,
      ordered,
      task,
      quote,
      calloutRule,
      codeBlock,
      rule,
      markRule(/()`([^`]+)`$/, 'code'),
      markRule(/(^|[^*])\*\*([^*\s](?:[^*]*[^*\s])?)\*\*$/, 'strong'),
      markRule(/(^|[^*])\*([^*\s](?:[^*]*[^*\s])?)\*$/, 'em'),
      markRule(/(^|[^_\w])__([^_\s](?:[^_]*[^_\s])?)__$/, 'strong'),
      markRule(/(^|[^_\w])_([^_\s](?:[^_]*[^_\s])?)_$/, 'em'),
      markRule(/()~~([^~\s](?:[^~]*[^~\s])?)~~$/, 'strike'),
      markRule(/(^|[^=])==([^=\s](?:[^=]*[^=\s])?)==$/, 'highlight'),
      markRule(/(^|[^$\\])\$([^$\s](?:[^$]*[^$\s])?)\$$/, 'math'),
      link,
    ],
  })
}
