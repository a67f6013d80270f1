import type { Menu, Source } from './completion-menu.ts'
import { laterIcon } from './later-icons.ts'
import type { InsertItem } from './insert-items.ts'
import type { Choice, ChoiceGroup } from './listbox.ts'
import { bestMatches } from './match-name.ts'
import { laterText } from './later-text.ts'

/** The slash menu: whatever can be inserted here, in its groups, or the best matches in one. */
export function insertSource(items: readonly InsertItem[]): Source {
  const icons = new Map(
    items.map((item) => [item, typeof item.icon === 'string' ? laterIcon(item.icon) : item.icon()]),
  )
  return {
    label: laterText.insert.menu,
    find: (query, menu) => {
      const { state } = menu.view
      const usable = items.filter((item) => item.run(state, undefined, menu.view))
      const choices = (found: readonly InsertItem[]): Choice[] =>
        found.map((item) => toChoice(item, menu, icons.get(item)))
      if (query === '')
        return groupItems(
          usable.filter(({ isRare }) => isRare !== true),
          choices,
        )
      const best = bestMatches(usable, query, ({ name, keywords }) => ({ name, keywords }))
      // Somebody who writes a date or a path goes on undisturbed.
      if (best.length === 0) return query.length > 12 || query.includes(' ') ? null : []
      return [{ label: laterText.insert.results, choices: choices(best) }]
    },
  }
}

function groupItems(
  items: readonly InsertItem[],
  toChoices: (items: readonly InsertItem[]) => Choice[],
): ChoiceGroup[] {
  const labels = [...new Set(items.map(({ group }) => group))]
  return labels.map((label) => ({ label, choices: toChoices(items.filter(({ group }) => group === label)) }))
}

function toChoice(item: InsertItem, menu: Menu, picture: Node | undefined): Choice {
  return {
    id: item.name,
    label: item.name,
    ...(picture === undefined ? {} : { picture }),
    ...(item.keys === undefined ? {} : { keys: item.keys }),
    choose: () => menu.replaceTyped((view) => item.run(view.state, view.dispatch, view)),
  }
}
