import { measureTyping } from '../editor/typing.ts'
import type { Budget, Row } from './row.ts'

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
    { name: 'scriptKb', label: 'JavaScript, gzip', unit: 'KB', digits: 0 },
  ],
  budgets,
  runs: 1,
  note,
  run: (server, scale) => measureTyping(server, paragraphs, scale),
})

export const editorRows: readonly Row[] = [
  typingIn(
    100,
    'Chromium, 10 keys a second in the middle of the document; a frame is 16.7 ms. Tiptap has our style sheet and column ' +
      'and the same kinds of content, but none of our toolbar, offline copy or status; it is opened through Hocuspocus.',
  ),
  typingIn(2000, ''),
  typingIn(10_000, ''),
]
