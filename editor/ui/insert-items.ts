import type { Command } from 'prosemirror-state'
import { insertRule, setStyle } from '../commands/blocks.ts'
import { insertCallout } from '../commands/callouts.ts'
import { insertCode, insertFormula } from '../commands/code.ts'
import { canLink } from '../commands/marks.ts'
import { insertTable } from '../commands/insert-table.ts'
import { turnInto } from '../commands/turn-into.ts'
import type { ExtensionItem } from '../extensions.ts'
import { askForCompletion } from '../plugins/autocomplete.ts'
import { editLink } from '../plugins/link-editing.ts'
import { keysOf, nameKeys, type Shortcut } from '../plugins/shortcuts.ts'
import { calloutKinds, type ListKind } from '../schema/index.ts'
import { askForPicture } from './image-tools.ts'
import type { LaterIconName } from './later-icons.ts'
import { laterText } from './later-text.ts'
import { text } from './text.ts'

/** Something the slash menu can put into the document. */
export interface InsertItem {
  readonly name: string
  readonly icon: LaterIconName | (() => Node)
  /** Other words it is found by. */
  readonly keywords: readonly string[]
  /** The heading it stands under. */
  readonly group: string
  /** As this machine writes them. */
  readonly keys?: string
  /** Runs when the slash and the query are gone; where it doesn't apply, the item is left out. */
  readonly run: Command
  /** Found by typing only. */
  readonly isRare?: boolean
}

const { insert } = laterText

function block(
  name: keyof typeof text.styles | ListKind,
  icon: LaterIconName,
  more: Pick<InsertItem, 'run'> & Partial<InsertItem>,
): InsertItem {
  const label = name === 'bullet' || name === 'ordered' || name === 'task' ? text[name] : text.styles[name]
  return { name: label, icon, keywords: [], group: insert.basic, ...more }
}

const keys = (name: Shortcut): string => nameKeys(keysOf(name)[0])

/** What can be inserted, in the order it is offered. */
export const insertItems: readonly InsertItem[] = [
  block('text', 'text', { keywords: insert.words.text, keys: keys('text'), run: turnInto('text') }),
  block('title', 'title', { keywords: insert.words.title, run: setStyle('title'), isRare: true }),
  block('heading1', 'heading1', { keywords: ['h1', '#'], keys: keys('heading1'), run: turnInto('heading1') }),
  block('heading2', 'heading2', {
    keywords: ['h2', '##'],
    keys: keys('heading2'),
    run: turnInto('heading2'),
  }),
  block('heading3', 'heading3', {
    keywords: ['h3', '###'],
    keys: keys('heading3'),
    run: turnInto('heading3'),
  }),
  block('heading4', 'heading4', {
    keywords: ['h4'],
    keys: keys('heading4'),
    run: setStyle('heading4'),
    isRare: true,
  }),
  block('heading5', 'heading5', {
    keywords: ['h5'],
    keys: keys('heading5'),
    run: setStyle('heading5'),
    isRare: true,
  }),
  block('heading6', 'heading6', {
    keywords: ['h6'],
    keys: keys('heading6'),
    run: setStyle('heading6'),
    isRare: true,
  }),
  block('bullet', 'bullet', { keywords: insert.words.bullet, keys: keys('bullet'), run: turnInto('bullet') }),
  block('ordered', 'ordered', {
    keywords: insert.words.ordered,
    keys: keys('ordered'),
    run: turnInto('ordered'),
  }),
  block('task', 'task', { keywords: insert.words.task, keys: keys('task'), run: turnInto('task') }),
  block('quote', 'quote', { keywords: insert.words.quote, keys: keys('quote'), run: turnInto('quote') }),
  block('code', 'codeBlock', { keywords: insert.words.code, run: insertCode() }),
  {
    name: insert.math,
    icon: 'math',
    keywords: insert.words.math,
    group: insert.basic,
    run: insertFormula,
  },
  {
    name: insert.table,
    icon: 'table',
    keywords: insert.words.table,
    group: insert.basic,
    run: insertTable(3, 3),
  },
  {
    name: text.picture,
    icon: 'picture',
    keywords: insert.words.picture,
    group: insert.basic,
    run: askForPicture,
  },
  {
    name: text.rule,
    icon: 'rule',
    keywords: insert.words.rule,
    group: insert.basic,
    run: insertRule,
  },
  ...calloutKinds.map((kind): InsertItem => ({
    name: text.callouts[kind],
    icon: kind,
    keywords: insert.words.callout,
    group: insert.callout,
    run: insertCallout(kind),
  })),
  {
    name: insert.mention,
    icon: 'mention',
    keywords: insert.words.mention,
    group: insert.inline,
    keys: '@',
    run: askForCompletion('@'),
  },
  {
    name: insert.emoji,
    icon: 'emoji',
    keywords: insert.words.emoji,
    group: insert.inline,
    keys: ':',
    run: askForCompletion(':'),
  },
  {
    name: text.link,
    icon: 'link',
    keywords: insert.words.link,
    group: insert.inline,
    keys: keys('link'),
    run: (state, dispatch, view) => canLink(state) && editLink(state, dispatch, view),
  },
]

/** An item of a host's as the slash menu has it. */
export function fromExtension({ name, run, keywords, group, icon }: ExtensionItem): InsertItem {
  return { name, run, keywords: keywords ?? [], group: group ?? insert.basic, icon: icon ?? 'add' }
}
