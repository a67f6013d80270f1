import { bindingActs } from '../editor/binding-acts.ts'
import { measureBinding } from '../editor/binding-cost.ts'
import { measureTyping } from '../editor/typing.ts'
import type { Budget, Figure, Row } from './row.ts'

/** Two frames at 60 a second. */
const budgets: readonly Budget[] = [{ figure: 'p50', atMost: 34 }]

const typingIn = (paragraphs: number, note: string): Row => ({
  name: `editor-${paragraphs}`,
  title: `editor, ${paragraphs.toLocaleString('en')} paragraphs`,
  contestants: ['ours', 'tiptap'],
  figures: [
    { name: 'p50', label: 'key to paint, median', unit: 'ms' },
    { name: 'p99', label: 'p99', unit: 'ms' },
    { name: 'besideP50', label: 'median while others type 20 keys/s', unit: 'ms' },
    { name: 'besideP99', label: 'p99 while others type', unit: 'ms' },
    { name: 'open', label: 'opened and painted', unit: 'ms', digits: 0 },
    { name: 'scriptKb', label: 'JavaScript that came until then, gzip', unit: 'KB', digits: 0 },
  ],
  budgets,
  runs: 1,
  note,
  run: (server, scale) => measureTyping(server, paragraphs, scale),
})

/** How many times what stock y-prosemirror takes, and that in milliseconds. */
const bindingFigures: readonly Figure[] = Object.entries(bindingActs).flatMap(([act, label]) =>
  (['local', 'remote'] as const).flatMap((side) => {
    const what = side === 'local' ? label : `${label}, by somebody else`
    return [
      { name: `${act}-${side}`, label: what, unit: '× stock', digits: 2 },
      { name: `${act}-${side}-ms`, label: 'the same', unit: 'ms', digits: 2 },
    ]
  }),
)

const binding: Row = {
  name: 'binding',
  title: 'the binding, 5,000 paragraphs',
  contestants: ['ours'],
  figures: bindingFigures,
  budgets: bindingFigures.flatMap(({ name, unit }) => (unit === 'ms' ? [] : [{ figure: name, atMost: 1.3 }])),
  note:
    'From sources, in a process of its own: from a transaction to the update that leaves, and from the update to the ' +
    'changed state, without drawing. Ours and stock y-prosemirror 1.3.7 take turns; a figure is the quotient of their medians.',
  run: (_server, scale) => measureBinding(5000, scale),
}

export const editorRows: readonly Row[] = [
  typingIn(
    100,
    'Chromium, 10 keys a second in the middle of the document; a frame is 16.7 ms. Tiptap has our style sheet and column ' +
      'and the same kinds of content, but none of our toolbar, offline copy or status; it is opened through Hocuspocus.',
  ),
  typingIn(2000, ''),
  typingIn(10_000, ''),
  binding,
]
