import { Plugin, PluginKey, type Command, type EditorState, type Transaction } from 'prosemirror-state'
import { isFromYjs } from '../binding/binding.ts'

/*
 * What is being typed for a menu: a trigger, such as `/`, and what follows it.
 *
 * It is state, not text of its own: whoever closes the menu has typed a slash, and others see one. Edits by others move
 * it and never close it, unless they take the trigger away.
 */

/** A trigger in the text and what was typed after it; `from` is before the trigger, `to` is the caret. */
export interface Completion {
  readonly trigger: Trigger
  readonly from: number
  readonly to: number
  readonly query: string
}

interface TriggerRule {
  /** What may follow; anything else closes the menu. */
  readonly query: RegExp
  /** How many letters must follow before the menu opens by itself. */
  readonly least: number
}

const triggers = {
  '/': { query: /^(?![\s/])[^\s/]*(?: [^\s/]+){0,2} ?$/u, least: 0 },
  '@': { query: /^(?![\s@])[^\s@]*(?: [^\s@]+){0,3} ?$/u, least: 0 },
  ':': { query: /^(?:\p{L}[\p{L}\d_-]*)?$/u, least: 2 },
} satisfies Record<string, TriggerRule>
export type Trigger = keyof typeof triggers

/** Longest query, in UTF-16 units. */
const longestQuery = 40

/** What may stand before a trigger: nothing, a space or an opening bracket or quote, so no word and no address. */
const mayPrecede = /[\s([{"'“‘«—–]$/u

interface Typing {
  readonly open: Completion | null
  /** Asked for by a command, so it stays open without any letters. */
  readonly isAsked: boolean
  /** Where a trigger stands whose menu was closed by the person. */
  readonly dismissed: number | null
}

type Change = 'close' | 'take' | 'ask'

const key = new PluginKey<Typing>('coscribe-autocomplete')
const nothing: Typing = { open: null, isAsked: false, dismissed: null }

function isTrigger(value: string): value is Trigger {
  return Object.hasOwn(triggers, value)
}

/** What is being typed for a menu right now. */
export function findCompletion(state: EditorState): Completion | null {
  return key.getState(state)?.open ?? null
}

/** Closes the menu; it does not open for the same trigger again. */
export const closeCompletion: Command = (state, dispatch) => {
  if (findCompletion(state) === null) return false
  dispatch?.(state.tr.setMeta(key, 'close' satisfies Change))
  return true
}

/** Deletes the trigger and the query, which have done their service, and closes the menu. */
export function takeCompletion(state: EditorState): Transaction {
  const open = findCompletion(state)
  const tr = state.tr.setMeta(key, 'take' satisfies Change)
  return open === null ? tr : tr.delete(open.from, open.to)
}

/** Types a trigger and opens its menu, even where typing it would not. */
export function askForCompletion(trigger: Trigger): Command {
  return (state, dispatch) => {
    const { $from, from, to } = state.selection
    if (!mayHold(state, $from.pos)) return false
    const before = textBefore(state, from)
    const space = before === '' || mayPrecede.test(before) ? '' : ' '
    dispatch?.(
      state.tr
        .insertText(space + trigger, from, to)
        .setMeta(key, 'ask' satisfies Change)
        .scrollIntoView(),
    )
    return true
  }
}

/** Text, but not code or a formula. */
function mayHold(state: EditorState, position: number): boolean {
  const { parent } = state.doc.resolve(position)
  return parent.inlineContent && parent.type.spec.code !== true
}

function textBefore(state: EditorState, position: number): string {
  const { parent, parentOffset } = state.doc.resolve(position)
  const start = Math.max(0, parentOffset - longestQuery - 2)
  return parent.textBetween(start, parentOffset, undefined, ({ type }) =>
    type.name === 'hard_break' ? '\n' : '\ufffc',
  )
}

/** What is typed for a trigger that stands at `from`. */
function readAt(state: EditorState, from: number): Completion | null {
  const { selection, doc } = state
  const { head, empty, $head } = selection
  if (!empty || head <= from || from < $head.start() || !mayHold(state, head)) return null
  const typed = doc.textBetween(from, head, undefined, '\ufffc')
  const trigger = typed.slice(0, 1)
  const query = typed.slice(1)
  if (!isTrigger(trigger) || query.length > longestQuery || !triggers[trigger].query.test(query)) return null
  const marks = doc.nodeAt(from)?.marks ?? []
  if (marks.some(({ type }) => type.spec.code === true || type.name === 'link')) return null
  return { trigger, from, to: head, query }
}

function findTyped(state: EditorState): Completion | null {
  const { head, empty } = state.selection
  if (!empty || !mayHold(state, head)) return null
  const before = textBefore(state, head)
  for (let at = before.length - 1; at >= 0; at--) {
    if (!isTrigger(before.charAt(at))) continue
    const left = before.slice(0, at)
    if (left !== '' && !mayPrecede.test(left)) continue
    const found = readAt(state, head - (before.length - at))
    if (found !== null && opens(found)) return found
  }
  return null
}

/** `/` and `@` open when they are typed, not when somebody goes on with a word that begins with one. */
function opens({ trigger, query }: Completion): boolean {
  const { least } = triggers[trigger]
  return least === 0 ? query === '' : query.length >= least
}

function isTyping(tr: Transaction): boolean {
  const grows = tr.doc.content.size > tr.before.content.size
  return tr.docChanged && grows && !isFromYjs(tr) && tr.getMeta('uiEvent') === undefined
}

function next(tr: Transaction, current: Typing, state: EditorState): Typing {
  const change: unknown = tr.getMeta(key)
  const map = (position: number): number | null => {
    const { pos, deleted, deletedAfter } = tr.mapping.mapResult(position, 1)
    return deleted || deletedAfter ? null : pos
  }
  const dismissed = current.dismissed === null ? null : map(current.dismissed)
  if (change === 'take') return nothing
  if (change === 'close') return { ...nothing, dismissed: current.open?.from ?? dismissed }
  if (change === 'ask') return { open: readAt(state, state.selection.head - 1), isAsked: true, dismissed }
  if (current.open !== null) return goOn(tr, { ...current, dismissed }, state)
  const open = isTyping(tr) ? findTyped(state) : null
  return { open: open?.from === dismissed ? null : open, isAsked: false, dismissed }
}

function goOn(tr: Transaction, current: Typing, state: EditorState): Typing {
  if (current.open === null) return current
  const { pos, deletedAfter } = tr.mapping.mapResult(current.open.from, 1)
  const open = deletedAfter ? null : readAt(state, pos)
  const isSame = open !== null && open.trigger === current.open.trigger
  const isEnough = isSame && (current.isAsked || open.query.length >= triggers[open.trigger].least)
  return isEnough ? { ...current, open } : { ...nothing, dismissed: current.dismissed }
}

/** Knows when a menu is asked for by typing; draws nothing. The menu closes when the focus leaves the text. */
export function autocomplete(): Plugin<Typing> {
  return new Plugin<Typing>({
    key,
    state: { init: () => nothing, apply: (tr, typing, _before, after) => next(tr, typing, after) },
    props: {
      handleDOMEvents: {
        blur: (view) => {
          // A window that loses the focus keeps its focused element: whoever comes back finds the menu.
          const isLeft = view.root.activeElement !== view.dom
          if (isLeft && findCompletion(view.state) !== null)
            view.dispatch(view.state.tr.setMeta(key, 'close' satisfies Change))
          return false
        },
      },
    },
  })
}
