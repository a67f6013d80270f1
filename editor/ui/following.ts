import { Plugin, PluginKey, type Command, type EditorState, type Transaction } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import { isFromYjs } from '../binding/binding.ts'
import { laterView } from '../plugins/later-view.ts'
import type { Following } from './following-view.ts'

const nobody: Following = { visited: null, followed: null }
const followKey = new PluginKey<Following>('coscribe-follow')

/** Goes to a person's caret; when it has just gone there, follows them; when it follows them, stops. */
export function visit(person: string): Command {
  return (state, dispatch) => {
    const now = followKey.getState(state)
    if (now === undefined) return false
    const next =
      now.visited === person ? { visited: person, followed: person } : { visited: person, followed: null }
    dispatch?.(state.tr.setMeta(followKey, now.followed === person ? nobody : next))
    return true
  }
}

/** Who is followed, as `Person.key`; null for nobody. */
export function followedIn(state: EditorState): string | null {
  return followKey.getState(state)?.followed ?? null
}

/** Lets the page go along with somebody else's caret, until something is done here. */
export function following(awareness: Awareness, onChange: () => void): Plugin<Following> {
  return new Plugin<Following>({
    key: followKey,
    state: { init: () => nobody, apply: nextFollowing },
    view: laterView({
      isNeeded: ({ state }) => followKey.getState(state) !== nobody,
      load: async () => {
        const { FollowingView } = await import('./following-view.ts')
        const read = (state: EditorState) => followKey.getState(state) ?? nobody
        return (view) => new FollowingView(view, { awareness, onChange, read, leave })
      },
    }),
  })
}

const leave: Command = (state, dispatch) => {
  if (followKey.getState(state) === nobody) return false
  dispatch?.(state.tr.setMeta(followKey, nobody))
  return true
}

function nextFollowing(tr: Transaction, now: Following): Following {
  const change: unknown = tr.getMeta(followKey)
  if (isFollowing(change)) return change
  const isOwn = !isFromYjs(tr) && (tr.docChanged || tr.selectionSet)
  return isOwn ? nobody : now
}

function isFollowing(value: unknown): value is Following {
  return typeof value === 'object' && value !== null && 'followed' in value
}
