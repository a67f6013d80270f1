// @vitest-environment jsdom
import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { createEditor } from '../editor.ts'
import type { EditorOptions } from '../options.ts'
import { paletteColors } from '../schema/index.ts'
import { findPresent } from '../ui/mention-source.ts'
import './page.ts'

const labels = () =>
  [...document.querySelectorAll('.coscribe-option-label')].map((label) => label.textContent)
const isOpen = () => document.querySelector<HTMLElement>('.coscribe-list')?.hidden === false

/** An editor with its menus loaded, and what types into it. */
async function open(options: EditorOptions) {
  const target = document.body.appendChild(document.createElement('div'))
  const editor = createEditor(target, { ydoc: new Y.Doc(), ...options })
  await expect.poll(() => document.querySelector('.coscribe-list')).not.toBeNull()
  const { view } = editor
  if (view === null) throw new Error('The editor has no view yet')
  view.dispatch(view.state.tr.insert(0, view.state.schema.node('paragraph')))
  const close = (): void => {
    editor.destroy()
    target.remove()
  }
  return { editor, view, close, type: (text: string) => view.dispatch(view.state.tr.insertText(text)) }
}

describe('Mentions', () => {
  test('[E57] a late answer is dropped, and its signal is aborted', async () => {
    const asked: { query: string; signal: AbortSignal; answer: (labels: string[]) => void }[] = []
    const page = await open({
      mentions: (query, signal) =>
        new Promise((resolve) => {
          const answer = (names: string[]): void => resolve(names.map((label) => ({ id: label, label })))
          asked.push({ query, signal, answer })
        }),
    })
    page.type('@')
    page.type('an')
    await expect.poll(() => asked.map(({ query }) => query)).toEqual(['', 'an'])
    asked[1]!.answer(['Ann'])
    await expect.poll(labels).toEqual(['Ann'])
    asked[0]!.answer(['Zoe'])
    await Promise.resolve()
    expect([labels(), asked[0]!.signal.aborted]).toEqual([['Ann'], true])
    page.close()
  })

  test('[E57] an answer that fails counts as nobody', async () => {
    const page = await open({ mentions: () => Promise.reject(new Error('down')) })
    page.type('@')
    await expect.poll(() => document.querySelector('.coscribe-list-empty')).not.toBeNull()
    page.close()
    const throwing = await open({
      mentions: () => {
        throw new Error('at once')
      },
    })
    throwing.type('@')
    await expect.poll(() => document.querySelector('.coscribe-list-empty')).not.toBeNull()
    throwing.close()
  })

  test('[E57] the people present are offered by default, oneself last', async () => {
    const awareness = new Awareness(new Y.Doc())
    awareness.setLocalStateField('user', { id: 'me', name: 'Ann Me' })
    awareness.states.set(1, { user: { id: 'b', name: 'Bob' } })
    awareness.states.set(2, { user: { id: 'c', name: 'Anna' } })
    const names = (query: string) =>
      Promise.resolve(findPresent(awareness)(query, new AbortController().signal)).then((found) =>
        found.map(({ label }) => label),
      )
    expect(await names('')).toEqual(['Bob', 'Anna', 'Ann Me'])
    expect(await names('ann')).toEqual(['Anna', 'Ann Me'])
    awareness.destroy()
  })
})

describe('The slash menu', () => {
  test('[E56] has what a host adds, where it applies', async () => {
    const run = vi.fn(() => true)
    const page = await open({
      extensions: [
        {
          insertItems: [
            { name: 'Weather', keywords: ['rain'], run },
            { name: 'Nowhere', run: () => false },
          ],
        },
      ],
    })
    page.type('/')
    await expect.poll(isOpen).toBe(true)
    expect(labels()).toContain('Weather')
    expect(labels()).not.toContain('Nowhere')
    expect(labels()).not.toContain('Heading 5')
    page.type('rain')
    expect(labels()).toEqual(['Weather'])
    document.querySelector<HTMLElement>('[role=option]')?.click()
    expect(run).toHaveBeenCalled()
    expect([isOpen(), page.view.state.doc.textContent]).toEqual([false, ''])
    page.close()
  })

  test('[E56] takes nothing of a reader', async () => {
    const page = await open({ editable: false })
    page.type('/')
    expect(isOpen()).toBe(false)
    page.close()
  })
})

describe('Colours', () => {
  const css = readFileSync('editor/styles/marks.css', 'utf8')
  const frame = readFileSync('editor/styles/frame.css', 'utf8')
  const pair = (sheet: string, property: string): [string, string] => {
    const at = sheet.indexOf(`${property}: light-dark(`)
    const found = at < 0 ? null : /light-dark\((#\w{6}), (#\w{6})\)/.exec(sheet.slice(at))
    return [found?.[1] ?? '', found?.[2] ?? '']
  }
  const ruleOf = (color: string): string => {
    const at = css.indexOf(`:is([data-color='${color}'], [data-text-color='${color}'])`)
    return at < 0 ? '' : css.slice(at, css.indexOf('}', at))
  }
  const light = (hex: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
      .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one: string, other: string): number => {
    const [low = 0, high = 0] = [light(one), light(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }

  test('[E59] every text is legible on the page and on every highlight, light and dark', () => {
    const texts = [
      ...paletteColors.map((color) => pair(ruleOf(color), '--coscribe-ink')),
      pair(frame, '--coscribe-text'),
    ]
    const grounds = [
      ...paletteColors.map((color) => pair(ruleOf(color), '--coscribe-mark')),
      pair(frame, '--coscribe-surface'),
    ]
    for (const theme of [0, 1] as const)
      for (const text of texts)
        for (const ground of grounds)
          expect(
            contrast(text[theme], ground[theme]),
            `${text[theme]} on ${ground[theme]}`,
          ).toBeGreaterThanOrEqual(4.5)
  })
})
