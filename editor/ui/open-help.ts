import type { Command } from 'prosemirror-state'

/** Opens the list of keyboard shortcuts, loaded when it is first wanted. */
export const openHelp: Command = (_state, dispatch, view) => {
  if (dispatch && view) void import('./shortcut-help.ts').then(({ showHelp }) => showHelp(view))
  return true
}
