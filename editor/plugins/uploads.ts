import type { Node } from 'prosemirror-model'
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { isFromYjs, undoneApart } from '../binding/binding.ts'
import { blockPlace, nearestEdge, placeForBlock } from '../commands/images.ts'
import { parseAddress } from '../address.ts'
import { parseImage, schemaOf, type CoscribeSchema, type ImageAttrs } from '../schema/index.ts'
import type { UploadedFile } from '../sync/upload.ts'

/** A file on its way into the document. Nothing of it is in the document before it is there. */
export interface Pending {
  readonly id: number
  /** Where it goes; follows what everybody writes. */
  readonly position: number
  readonly file: File
  /** It takes the place of the picture at its position, whose caption, width and so on stay. */
  readonly replaces: boolean
  /** What is known of the picture before it is there. */
  readonly attrs: Partial<ImageAttrs>
}

type NewPending = Omit<Pending, 'id'>

interface Change {
  readonly add?: readonly Pending[]
  readonly remove?: number
}

const key = new PluginKey<readonly Pending[]>('coscribe-uploads')
let lastId = 0

const isChange = (value: unknown): value is Change => typeof value === 'object' && value !== null

/** The files that are on their way, in the order in which they were added. */
export function pendingUploads(state: EditorState | undefined): readonly Pending[] {
  return (state && key.getState(state)) ?? []
}

/** Whether a file is shown as a picture; all others become links. */
export const isPicture = (file: File): boolean => /^image\/(?:png|jpeg|gif|webp|avif)$/.test(file.type)

/** Uploads files and puts them at `position`, by default at the caret. */
export function addFiles(view: EditorView, files: Iterable<File>, position?: number): void {
  const at = position ?? placeForBlock(view.state)
  const added = [...files].map((file) => ({ position: at, file, replaces: false, attrs: {} }))
  if (added.length > 0) view.dispatch(addPending(view.state.tr, added))
}

/** Uploads a file and shows it in place of the picture at `position`. */
export function replacePicture(view: EditorView, position: number, file: File): void {
  view.dispatch(addPending(view.state.tr, [{ position, file, replaces: true, attrs: {} }]))
}

function addPending(tr: Transaction, pending: readonly NewPending[]): Transaction {
  const add = pending.map((each) => ({ ...each, id: ++lastId }))
  return tr.setMeta(key, { add } satisfies Change)
}

/** Forgets a file that is on its way. */
export function removePending(view: EditorView, id: number): void {
  view.dispatch(view.state.tr.setMeta(key, { remove: id } satisfies Change))
}

/** Puts an uploaded file into the document, where it was added or where that is now. */
export function finishPending(view: EditorView, id: number, uploaded: UploadedFile): void {
  const pending = pendingUploads(view.state).find((each) => each.id === id)
  if (pending === undefined) return
  const { tr } = view.state
  if (pending.replaces) replaceSource(tr, pending, uploaded)
  else tr.insert(blockPlace(tr.doc, pending.position), nodeFor(schemaOf(view.state), pending, uploaded))
  view.dispatch(undoneApart(tr).setMeta(key, { remove: id } satisfies Change))
}

function replaceSource(tr: Transaction, { position }: Pending, { src }: UploadedFile): void {
  if (tr.doc.nodeAt(position)?.type.name !== 'image') return
  tr.setNodeAttribute(position, 'src', parseImage({ src }).src)
}

function nodeFor(schema: CoscribeSchema, { file, attrs }: Pending, { src, alt, width }: UploadedFile): Node {
  if (isPicture(file)) {
    const own = { ...attrs, src, alt: alt ?? attrs.alt ?? null, width: width ?? attrs.width ?? null }
    return schema.nodes.image.create(parseImage(own))
  }
  const href = parseAddress(src)
  const marks = href === null ? [] : [schema.marks.link.create({ href })]
  return schema.nodes.paragraph.create(null, schema.text(file.name || src, marks))
}

function nextPending(tr: Transaction, pending: readonly Pending[]): readonly Pending[] {
  const meta: unknown = tr.getMeta(key)
  const change = isChange(meta) ? meta : {}
  const finished = pending.findIndex(({ id }) => id === change.remove)
  const moved = pending.flatMap((each, index) => {
    if (index === finished) return []
    // Of several at one place, the later ones stand after what has just been put there.
    const side = (finished !== -1 && index > finished) || each.replaces ? 1 : -1
    return [{ ...each, position: tr.mapping.map(each.position, side) }]
  })
  const isSame = !tr.docChanged && finished === -1
  return change.add === undefined ? (isSame ? pending : moved) : [...moved, ...change.add]
}

/** A picture that stands in its address is small, or it is uploaded like a file. */
const mostInAddress = 8 * 1024

/** Takes large pictures out of what was just pasted or dropped, before anybody else sees it, to upload them. */
function uploadPasted(transactions: readonly Transaction[], state: EditorState): Transaction | null {
  const isPasted = (tr: Transaction) => tr.docChanged && !isFromYjs(tr) && tr.getMeta('uiEvent') !== undefined
  if (!transactions.some(isPasted)) return null
  const found: { node: Node; position: number; file: File }[] = []
  state.doc.descendants((node, position) => {
    const src = node.type.name === 'image' ? parseImage(node.attrs).src : null
    if (src === null || !src.startsWith('data:') || src.length <= mostInAddress) return true
    const isNew = transactions.some((tr) => isPasted(tr) && changes(tr, position))
    const file = isNew ? fileFromAddress(src) : null
    if (file !== null) found.push({ node, position, file })
    return true
  })
  if (found.length === 0) return null
  const { tr } = state
  for (const { node, position } of [...found].reverse()) tr.delete(position, position + node.nodeSize)
  const pending = found.map(({ node, position, file }) => ({
    position: tr.mapping.map(position, -1),
    file,
    replaces: false,
    attrs: parseImage(node.attrs),
  }))
  return addPending(tr, pending)
}

function changes(tr: Transaction, position: number): boolean {
  let isInside = false
  tr.mapping.maps.forEach((map, index) => {
    map.forEach((_from, _to, from, to) => {
      const rest = tr.mapping.slice(index + 1)
      if (rest.map(from, -1) <= position && position < rest.map(to, 1)) isInside = true
    })
  })
  return isInside
}

function fileFromAddress(src: string): File | null {
  const [, type = '', content = ''] = /^data:(image\/[a-z]+);base64,(.*)$/is.exec(src) ?? []
  try {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0))
    return new File([bytes], `picture.${type.slice('image/'.length)}`, { type })
  } catch {
    return null
  }
}

/** Files from the clipboard or a drag; what also comes as text or a web page is taken as that. */
function filesOf(data: DataTransfer | null, isReadable: boolean): readonly File[] {
  const files = [...(data?.files ?? [])]
  return isReadable && data?.getData('text/html') !== '' ? [] : files
}

/** Files that people paste and drop, and where they are on their way to. `upload.run` does the uploading. */
export function uploads(): Plugin<readonly Pending[]> {
  return new Plugin<readonly Pending[]>({
    key,
    state: { init: () => [], apply: nextPending },
    appendTransaction: (transactions, _before, state) => uploadPasted(transactions, state),
    props: {
      handlePaste: (view, event, slice) => {
        const files = filesOf(event.clipboardData, slice.content.size > 0)
        addFiles(view, files)
        return files.length > 0
      },
      handleDrop: (view, event, slice, isMoved) => {
        const files = isMoved ? [] : filesOf(event.dataTransfer, slice.content.size > 0)
        if (files.length === 0) return false
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos
        addFiles(view, files, at === undefined ? undefined : nearestEdge(view.state.doc.resolve(at)))
        event.preventDefault()
        return true
      },
    },
  })
}
