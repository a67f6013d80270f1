import { dropCursor } from 'prosemirror-dropcursor'
import { gapCursor } from 'prosemirror-gapcursor'
import type { Plugin } from 'prosemirror-state'
import type { EditingContext } from './editing-context.ts'
import { codeColours } from './plugins/highlight.ts'
import { announcing } from './ui/announcing.ts'
import { formulas } from './ui/formulas.ts'

/** What can wait until the text is on the screen. */
export function laterPlugins({ awareness }: EditingContext): Plugin[] {
  return [
    gapCursor(),
    dropCursor({ class: 'coscribe-dropcursor', color: false, width: 2 }),
    formulas(),
    codeColours(),
    announcing(awareness),
  ]
}
