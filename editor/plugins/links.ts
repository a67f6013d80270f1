import { Plugin, type Command } from 'prosemirror-state'
import { findLink } from '../commands/marks.ts'

/** Opens an address in a new tab that can't reach back to this one. */
export function openAddress(href: string): void {
  window.open(href, '_blank', 'noopener,noreferrer')
}

/** Opens the link the caret is in. */
export const openLink: Command = ({ selection }, dispatch) => {
  const link = findLink(selection.$from)
  if (link === undefined) return false
  if (dispatch) openAddress(link.href)
  return true
}

/** Opens a link on Mod-click; where nothing can be edited, the browser follows links by itself. */
export function links(): Plugin {
  return new Plugin({
    props: {
      handleClick: (view, position, event) => {
        const isMod = event.metaKey || event.ctrlKey
        if (!isMod || event.button !== 0) return false
        const link = findLink(view.state.doc.resolve(position))
        if (link === undefined) return false
        event.preventDefault()
        openAddress(link.href)
        return true
      },
    },
  })
}
