import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state'
import { Mapping, type StepMap } from 'prosemirror-transform'
import { ySyncPluginKey } from 'y-prosemirror'

/*
 * Which letter of the document as Yjs has it is which letter of the document now.
 *
 * Text alone can't tell: of "one two", cut and pasted, any "o" could be any other. The steps of the transactions can:
 * a letter that no step deleted is still itself, also when it now stands in another block.
 */

/** How the document came to be from the one that Yjs has. */
export interface Passage {
  /** The document that Yjs has; null when that isn't known. */
  readonly base: Node | null
  readonly maps: readonly StepMap[]
}

/** After so many steps that nobody wrote to Yjs, it isn't worth knowing any more. */
const mostMaps = 2000

const passageKey = new PluginKey<Passage>('coscribe-passage')

/** Follows local changes from the last document that Yjs had; `written` says which that was. */
export function followLetters(written: () => Node | null): Plugin<Passage> {
  return new Plugin<Passage>({
    key: passageKey,
    state: {
      init: (_, { doc }) => ({ base: doc, maps: [] }),
      apply: (tr, passage) => nextPassage(tr, passage, written()),
    },
  })
}

function nextPassage(tr: Transaction, { base, maps }: Passage, written: Node | null): Passage {
  if (!tr.docChanged) return { base, maps }
  if (tr.getMeta(ySyncPluginKey) !== undefined) return { base: tr.doc, maps: [] }
  if (tr.before === written) return { base: tr.before, maps: tr.mapping.maps }
  const all = [...maps, ...tr.mapping.maps]
  return all.length > mostMaps ? { base: null, maps: [] } : { base, maps: all }
}

/** The passage of a state; of none when the state doesn't follow its letters. */
export function passageOf(state: EditorState): Passage {
  return passageKey.getState(state) ?? { base: null, maps: [] }
}

/** Where a letter of the base document now is; null when it was deleted. */
export function followLetter(mapping: Mapping, position: number): number | null {
  const result = mapping.mapResult(position, 1)
  return result.deletedAfter ? null : result.pos
}

export function mappingOf({ maps }: Passage): Mapping {
  return new Mapping([...maps])
}
