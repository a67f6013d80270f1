import type { Awareness } from 'y-protocols/awareness'
import { TextSelection } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { parseMention, schemaOf } from '../schema/index.ts'
import type { Menu, Source } from './completion-menu.ts'
import type { Choice } from './listbox.ts'
import { bestMatches } from './match-name.ts'
import { listPeople } from './presence.ts'
import { laterText } from './later-text.ts'
import { text } from './text.ts'

/** Somebody or something that can be mentioned. */
export interface Mentionable {
  /** What the mention stands for, kept in the document; null for somebody without an id. */
  readonly id: string | null
  readonly label: string
  /** Shown beside the label, so that two of one name can be told apart. */
  readonly detail?: string
}

/** Finds who can be mentioned; `signal` is aborted when the answer isn't wanted any more. */
export type FindMentions = (
  query: string,
  signal: AbortSignal,
) => readonly Mentionable[] | Promise<readonly Mentionable[]>

/** Most that is offered of an answer. */
const maxOffered = 50
const debounceMs = 150

/** The people present, the person here last. */
export function findPresent(awareness: Awareness): FindMentions {
  return (query) => {
    const people = listPeople(awareness.getStates(), awareness.clientID)
    const others = people.filter(({ isSelf }) => !isSelf)
    const all = [...others, ...people.filter(({ isSelf }) => isSelf)]
    return bestMatches(all, query, ({ name }) => ({ name })).map(({ id, name, isSelf }) => ({
      id,
      label: name,
      ...(isSelf ? { detail: text.you } : {}),
    }))
  }
}

/** The `@` menu. */
export function mentionSource(find: FindMentions, isRemote: boolean): Source {
  return {
    label: laterText.mentions.menu,
    debounceMs: isRemote ? debounceMs : 0,
    find: async (query, menu, signal) => {
      const found = await find(query.trim(), signal)
      // With nobody of that name, what was typed was an `@` and some words.
      if (found.length === 0 && query.includes(' ')) return null
      const choices = found.slice(0, maxOffered).map((who, index) => toChoice(who, index, menu))
      return choices.length === 0 ? [] : [{ label: laterText.mentions.people, choices }]
    },
  }
}

function toChoice(who: Mentionable, index: number, menu: Menu): Choice {
  const { id, label } = parseMention(who)
  return {
    id: `${index}`,
    label,
    picture: Array.from(label.trim())[0]?.toUpperCase() ?? '@',
    ...(who.detail === undefined ? {} : { detail: who.detail.slice(0, 100) }),
    choose: () => menu.replaceTyped((view) => insertMention(view, { id, label })),
  }
}

function insertMention(view: EditorView, who: { id: string | null; label: string }): void {
  const { tr, selection } = view.state
  const schema = schemaOf(view.state)
  const { from, to } = selection
  tr.replaceWith(from, to, [schema.nodes.mention.create(who), schema.text(' ')])
  view.dispatch(tr.setSelection(TextSelection.create(tr.doc, from + 2)).scrollIntoView())
}
