import type { MarkSpec } from 'prosemirror-model'
import { parseAddress } from '../address.ts'
import { unknownMark } from '../unknown-names.ts'
import { nearestColor, parseColor, type PaletteColor } from './palette.ts'
import { shortText } from './placeholder.ts'

function colorOrFalse(color: PaletteColor | null): { color: PaletteColor } | false {
  return color === null ? false : { color }
}

const version = { v: { default: 1 } }

/** Every mark the document may have. */
export const marks = {
  link: {
    attrs: { href: { default: null }, ...version },
    inclusive: false,
    parseDOM: [
      {
        tag: 'a[href]',
        getAttrs: (element) => {
          const href = parseAddress(element.getAttribute('href'))
          return href === null ? false : { href }
        },
      },
    ],
    toDOM: (mark) => {
      const href = parseAddress(mark.attrs['href'])
      return ['a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, 0]
    },
  },
  strong: {
    attrs: version,
    parseDOM: [
      { tag: 'strong' },
      { tag: 'b', getAttrs: (element) => (element.style.fontWeight === 'normal' ? false : null) },
      { style: 'font-weight=400', clearMark: (mark) => mark.type.name === 'strong' },
      { style: 'font-weight=normal', clearMark: (mark) => mark.type.name === 'strong' },
      {
        style: 'font-weight',
        getAttrs: (value) => (/^(?:bold(?:er)?|[6-9]\d{2})$/.test(value) ? null : false),
      },
    ],
    toDOM: () => ['strong', 0],
  },
  em: {
    attrs: version,
    parseDOM: [
      { tag: 'em' },
      { tag: 'i', getAttrs: (element) => (element.style.fontStyle === 'normal' ? false : null) },
      { style: 'font-style=italic' },
      { style: 'font-style=normal', clearMark: (mark) => mark.type.name === 'em' },
    ],
    toDOM: () => ['em', 0],
  },
  underline: {
    attrs: version,
    parseDOM: [
      { tag: 'u' },
      {
        style: 'text-decoration',
        getAttrs: (value) => (value.includes('underline') ? null : false),
        consuming: false,
      },
      { style: 'text-decoration-line', getAttrs: (value) => (value.includes('underline') ? null : false) },
    ],
    toDOM: () => ['u', 0],
  },
  strike: {
    attrs: version,
    parseDOM: [
      { tag: 's' },
      { tag: 'del' },
      { tag: 'strike' },
      { style: 'text-decoration', getAttrs: (value) => (value.includes('line-through') ? null : false) },
      { style: 'text-decoration-line', getAttrs: (value) => (value.includes('line-through') ? null : false) },
    ],
    toDOM: () => ['s', 0],
  },
  code: {
    attrs: version,
    code: true,
    parseDOM: [{ tag: 'code' }, { tag: 'tt' }, { tag: 'kbd' }, { tag: 'samp' }],
    toDOM: () => ['code', { spellcheck: 'false' }, 0],
  },
  highlight: {
    attrs: { color: { default: 'yellow' }, ...version },
    parseDOM: [
      { tag: 'mark', getAttrs: (element) => ({ color: parseColor(element.dataset['color']) ?? 'yellow' }) },
      { style: 'background-color', getAttrs: (value) => colorOrFalse(nearestColor(value)) },
    ],
    toDOM: (mark) => ['mark', { 'data-color': parseColor(mark.attrs['color']) ?? 'yellow' }, 0],
  },
  text_color: {
    attrs: { color: { default: null }, ...version },
    parseDOM: [
      {
        tag: 'span[data-text-color]',
        getAttrs: (element) => colorOrFalse(parseColor(element.dataset['textColor'])),
      },
      { style: 'color', getAttrs: (value) => colorOrFalse(nearestColor(value)) },
    ],
    toDOM: (mark) => ['span', { 'data-text-color': parseColor(mark.attrs['color']) }, 0],
  },
  subscript: {
    attrs: version,
    parseDOM: [{ tag: 'sub' }, { style: 'vertical-align=sub' }],
    toDOM: () => ['sub', 0],
  },
  superscript: {
    attrs: version,
    parseDOM: [{ tag: 'sup' }, { style: 'vertical-align=super' }],
    toDOM: () => ['sup', 0],
  },
  math: {
    attrs: version,
    code: true,
    inclusive: true,
    parseDOM: [{ tag: 'span[data-math]' }],
    toDOM: () => ['span', { 'data-math': '', spellcheck: 'false' }, 0],
  },
  [unknownMark]: {
    attrs: { name: { default: '' }, value: { default: null }, ...version },
    excludes: '',
    toDOM: (mark) => ['span', { class: 'coscribe-unknown-mark', title: shortText(mark.attrs['name']) }, 0],
  },
} satisfies Record<string, MarkSpec>
