import type { Plugin } from 'prosemirror-state'
import { tableEditing } from 'prosemirror-tables'
import { isFromYjs } from '../binding/binding.ts'

/**
 * Selecting and editing in table cells.
 *
 * prosemirror-tables repairs ragged tables after every change. Only who makes a change may repair after it: everybody
 * else would add the same missing cells, once for each person looking.
 */
export function tables(): Plugin {
  const plugin = tableEditing()
  const repair = plugin.spec.appendTransaction
  plugin.spec.appendTransaction = (transactions, before, after) =>
    transactions.some((tr) => isFromYjs(tr)) ? null : repair?.call(plugin, transactions, before, after)
  return plugin
}
