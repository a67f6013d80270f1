import { Fragment, Slice, type Mark, type Node } from 'prosemirror-model'
import type { Transaction } from 'prosemirror-state'

/** A range of text, and where its parts are: itself first, then groups, all counted from the start of its block. */
export interface Replaced {
  readonly from: number
  readonly to: number
  readonly groups: readonly (readonly [from: number, to: number] | null)[]
}

/**
 * Replaces ranges in one transaction; they are given in their order and don't overlap. The new text looks like the first
 * letter it replaces, and what stays the same is not touched. With `isTemplate`, `$1` and `$&` stand for groups and the
 * whole, with their marks, and `$$` for a dollar.
 */
export function replaceRanges(
  tr: Transaction,
  ranges: readonly Replaced[],
  { text, isTemplate }: { readonly text: string; readonly isTemplate: boolean },
): Transaction {
  for (const range of ranges.toReversed()) replaceRange(tr, range, isTemplate ? partsOf(text) : [text])
  return tr
}

function replaceRange(
  tr: Transaction,
  { from, to, groups }: Replaced,
  parts: readonly (string | number)[],
): void {
  const { doc } = tr
  const $from = doc.resolve(from)
  const marks = $from.marksAcross(doc.resolve(to)) ?? []
  const origin = from - (groups[0]?.[0] ?? 0)
  const content = parts.reduce((before, part) => {
    if (typeof part === 'string') return before.append(textFragment(doc, part, marks))
    const group = groups[part]
    return group == null ? before : before.append(doc.slice(origin + group[0], origin + group[1]).content)
  }, Fragment.empty)
  const old = doc.slice(from, to).content
  const start = old.findDiffStart(content)
  const end = old.findDiffEnd(content)
  if (start === null || end === null) return
  const overlap = Math.max(0, start - Math.min(end.a, end.b))
  const slice = new Slice(content.cut(start, end.b + overlap), 0, 0)
  tr.replace(from + start, from + end.a + overlap, slice)
}

function textFragment(doc: Node, text: string, marks: readonly Mark[]): Fragment {
  return text === '' ? Fragment.empty : Fragment.from(doc.type.schema.text(text, marks))
}

/** The words and the numbers of groups that a template consists of. */
function partsOf(template: string): (string | number)[] {
  return template.split(/(\$[$&]|\$\d)/).map((part) => {
    if (part === '$$') return '$'
    if (part === '$&') return 0
    return /^\$\d$/.test(part) ? Number(part.slice(1)) : part
  })
}
