// @vitest-environment jsdom
import { EditorState, NodeSelection, TextSelection } from 'prosemirror-state'
import { expect, test, vi } from 'vitest'
import { Random } from '../../test/random.ts'
import { findLink } from '../commands/marks.ts'
import { mergeText } from '../commands/merge-text.ts'
import { editLink } from '../plugins/link-editing.ts'
import { schema } from '../schema/index.ts'
import type { Writer } from './page.ts'
import { p, two } from './page.ts'

const linked = (text: string) =>
  schema.nodes.paragraph.create(null, [
    schema.text('See '),
    schema.text(text, [schema.marks.link.create({ href: 'https://one.example' })]),
    schema.text(' now'),
  ])

/** Two people of whom the first has the form of a link open. */
async function atForm(text: string) {
  const both = two(linked(text))
  const { ann } = both
  ann.at(0, 5).run(editLink)
  await vi.dynamicImportSettled()
  const field = (name: string): HTMLInputElement => {
    const input = ann.view.dom.parentElement?.querySelector<HTMLInputElement>(`input[name=${name}]`)
    if (!input) throw new Error(`There is no field for the ${name}`)
    return input
  }
  const save = () => field('address').form?.dispatchEvent(new Event('submit', { cancelable: true }))
  return { ...both, field, save }
}

/** Leads the link that begins at a place elsewhere. */
function lead(writer: Writer, href: string): void {
  const link = findLink(writer.doc.resolve(6))
  const { tr } = writer.state
  if (link) writer.view.dispatch(tr.addMark(link.from, link.to, schema.marks.link.create({ href })))
}

const hrefOf = (writer: Writer): string | undefined => findLink(writer.doc.resolve(6))?.href

test('[E103] saving another text of a link leaves its address as others have it by then', async () => {
  const { ann, bob, meet, same, field, save } = await atForm('the map')
  lead(bob, 'https://two.example')
  meet()
  field('text').value = 'the new map'
  save()
  same()
  expect(ann.lines).toEqual(['See <link>the new map</link> now'])
  expect(hrefOf(bob)).toBe('https://two.example')
})

test('[E103] saving another address or nothing leaves the text as others have it by then', async () => {
  const { ann, bob, meet, same, field, save } = await atForm('the map')
  bob.at(0, 7).type('!?')
  meet()
  field('address').value = 'https://three.example'
  save()
  same()
  expect(ann.lines).toEqual(['See <link>the!? map</link> now'])
  expect(hrefOf(bob)).toBe('https://three.example')
  ann.at(0, 6).run(editLink)
  bob.view.dispatch(bob.state.tr.removeMark(1, 15, schema.marks.link))
  meet()
  save()
  same()
  expect(ann.lines).toEqual(['See the!? map now'])
})

test('[E103] letters that others type in a text that is being written anew stay', async () => {
  const { ann, bob, meet, same, field, save } = await atForm('the map')
  bob.at(0, 11).view.dispatch(bob.state.tr.insertText('!', 10))
  meet()
  field('text').value = 'a map'
  save()
  same()
  expect(ann.lines).toEqual(['See <link>a m!ap</link> now'])
})

test('[E103] a text written anew takes nothing away that others typed', () => {
  const random = new Random(20)
  const word = (letters: string, most: number): string =>
    Array.from({ length: random.below(most + 1) }, () => random.pick(Array.from(letters))).join('')
  const edit = (text: string, letters: string): string => {
    const start = random.below(text.length + 1)
    const end = start + random.below(text.length - start + 1)
    return text.slice(0, start) + word(letters, 4) + text.slice(end)
  }
  for (let round = 0; round < 500; round++) {
    const before = word('abc', 8)
    const [mine, theirs] = [edit(before, 'xyz'), edit(before, '123')]
    const { tr } = EditorState.create({ doc: schema.nodes.doc.create(null, p(theirs)) })
    const { from, to } = mergeText(tr, { from: 1, to: 1 + theirs.length }, { before, after: mine })
    const merged = tr.doc.textContent
    const told = `seed ${random.seed}: ${before} became ${mine} and ${theirs}, merged ${merged}`
    expect(merged.replace(/[^xyz]/g, ''), told).toBe(mine.replace(/[^xyz]/g, ''))
    expect(merged.replace(/[^123]/g, ''), told).toBe(theirs.replace(/[^123]/g, ''))
    expect(tr.doc.textBetween(from, to), told).toContain(mine.replace(/[^xyz]/g, ''))
    if (theirs === before) expect(merged, told).toBe(mine)
    if (mine === before) expect(merged, told).toBe(theirs)
    expect(merged.replace(/[^abc]/g, '').length, told).toBeLessThanOrEqual(
      Math.min(mine.replace(/[^abc]/g, '').length, theirs.replace(/[^abc]/g, '').length),
    )
  }
})

async function atPictures() {
  const image = (src: string) => schema.nodes.image.create({ src, alt: `of ${src}` })
  const both = two(image('/a.png'), image('/b.png'))
  const { ann } = both
  const select = (at: number): void =>
    ann.view.dispatch(ann.state.tr.setSelection(NodeSelection.create(ann.doc, at)))
  select(0)
  await vi.dynamicImportSettled()
  const bubble = ann.view.dom.parentElement?.querySelector('.coscribe-image-bubble')
  const describe = (): void => bubble?.querySelector<HTMLElement>('.coscribe-tool-words')?.click()
  const form = () => bubble?.querySelector('form')
  const input = (): HTMLInputElement => {
    const found = form()?.querySelector('input')
    if (!found) throw new Error('There is no field')
    return found
  }
  const alts = () => ann.doc.children.map(({ attrs }) => String(attrs['alt']))
  return { ...both, select, describe, form, input, alts }
}

test('[E103] saving a description that was not changed leaves it as others have it by then', async () => {
  const { ann, bob, meet, same, describe, form, input, alts } = await atPictures()
  describe()
  input().value = 'something'
  input().value = 'of /a.png'
  bob.view.dispatch(bob.state.tr.setNodeAttribute(0, 'alt', 'by bob').setNodeAttribute(0, 'width', 200))
  meet()
  form()?.dispatchEvent(new Event('submit', { cancelable: true }))
  same()
  expect(alts()).toEqual(['by bob', 'of /b.png'])
  describe()
  input().value = 'by ann'
  bob.view.dispatch(bob.state.tr.setNodeAttribute(0, 'src', '/c.png'))
  bob.view.dispatch(bob.state.tr.setSelection(TextSelection.create(bob.doc, 1)).insertText('caption'))
  meet()
  form()?.dispatchEvent(new Event('submit', { cancelable: true }))
  same()
  expect(alts()).toEqual(['by ann', 'of /b.png'])
  expect(ann.doc.firstChild?.attrs).toMatchObject({ src: '/c.png', width: 200 })
  expect(ann.doc.firstChild?.textContent).toBe('caption')
})

test('[E103] a description goes to the picture it was begun for, or to none', async () => {
  const { select, describe, form, input, alts } = await atPictures()
  describe()
  input().value = 'meant for a'
  select(2)
  expect(form()).toBeNull()
  describe()
  expect(input().value).toBe('of /b.png')
  expect(alts()).toEqual(['of /a.png', 'of /b.png'])
})
