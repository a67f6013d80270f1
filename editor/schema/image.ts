import type { Attrs, DOMOutputSpec, NodeSpec } from 'prosemirror-model'
import { parseImageSource } from '../address.ts'
import { isElement } from './element.ts'

/** Where a picture narrower than the text stands; null is the middle. */
export const imageAlignments = ['left', 'right'] as const
export type ImageAlignment = (typeof imageAlignments)[number]

/** Widths a picture can be given, in CSS pixels. */
export const imageWidths = { least: 48, most: 4000 } as const

/** A picture's attributes after parsing. */
export interface ImageAttrs {
  /** Null when the address isn't one that may be shown. */
  readonly src: string | null
  readonly alt: string | null
  readonly title: string | null
  /** CSS pixels; null for the picture's own. */
  readonly width: number | null
  readonly align: ImageAlignment | null
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function parseWidth(value: unknown): number | null {
  const width = typeof value === 'string' && value !== '' ? Number(value) : value
  const isWidth = typeof width === 'number' && width >= imageWidths.least && width <= imageWidths.most
  return isWidth ? Math.round(width) : null
}

/** Reads a picture's attributes, whoever wrote them. */
export function parseImage(attrs: Attrs): ImageAttrs {
  return {
    src: parseImageSource(attrs['src']),
    alt: textOrNull(attrs['alt']),
    title: textOrNull(attrs['title']),
    width: parseWidth(attrs['width']),
    align: imageAlignments.find((known) => known === attrs['align']) ?? null,
  }
}

function fromElement(element: HTMLElement, align?: string): ImageAttrs | false {
  const read = (name: string) => element.getAttribute(name)
  const attrs = parseImage({
    src: read('src'),
    alt: read('alt'),
    title: read('title'),
    width: read('width'),
    align,
  })
  return attrs.src === null ? false : attrs
}

/** The `img` of a picture, safe whoever wrote its attributes. */
export function imageElement(attrs: Attrs): DOMOutputSpec {
  const { src, alt, title, width } = parseImage(attrs)
  return [
    'img',
    {
      src,
      alt: alt ?? '',
      title,
      width: width === null ? null : String(width),
      loading: 'lazy',
      referrerpolicy: 'no-referrer',
    },
  ]
}

/** A picture; its content is the caption, so that two people can write it together. */
export const image: NodeSpec = {
  group: 'block',
  content: 'inline*',
  draggable: true,
  isolating: true,
  defining: true,
  attrs: {
    src: { default: null },
    alt: { default: null },
    title: { default: null },
    width: { default: null },
    align: { default: null },
  },
  parseDOM: [
    {
      tag: 'figure',
      contentElement: (dom) => captionOf(dom),
      getAttrs: (element) => {
        const picture = element.querySelector('img')
        return picture === null ? false : fromElement(picture, element.dataset['align'])
      },
    },
    {
      tag: 'img[src]',
      getAttrs: (element) => (element.closest('figure') === null ? fromElement(element) : false),
    },
  ],
  toDOM: (node) => {
    const { align } = parseImage(node.attrs)
    return [
      'figure',
      align === null ? {} : { 'data-align': align },
      imageElement(node.attrs),
      ['figcaption', 0],
    ]
  },
}

/** The caption of a figure, or an empty element where it has none. */
function captionOf(dom: globalThis.Node): HTMLElement {
  const figure = isElement(dom) ? dom : null
  const caption = figure?.querySelector('figcaption') ?? figure?.ownerDocument.createElement('figcaption')
  if (caption) return caption
  throw new TypeError(`A figure is an element, not ${dom.nodeName}`)
}
