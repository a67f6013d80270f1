import type { Mark, Node } from 'prosemirror-model'
import type { Random } from '../../test/random.ts'
import { Numbering } from '../html/numbering.ts'
import {
  alignments,
  calloutKinds,
  listKinds,
  paletteColors,
  parseParagraph,
  plainParagraph,
  schema,
  textStyles,
  type ParagraphAttrs,
} from '../schema/index.ts'

/*
 * Documents by chance. With `isSayable` they have only what Markdown can say (see `write-mdast.ts`), in the one form
 * that reading Markdown gives; otherwise everything the schema allows.
 */

const { nodes, marks } = schema

const words = (
  'a word Words é 文字 🙂 x*y *z* _u_ snake_case __init__ `tick` ~~no~~ ~ <b> </u> <br> <script> &amp; &lt; & # ## ' +
  '- + * 1. 2) > = === --- [x] [link](u) ![i](u) | \\ \\\\ $5 $ $x$ @ada ! !! "said" (so) [!NOTE] [^1] a@b.c www. ' +
  "https: `` ` {x} # : ; . , … — 's x_ _x *x x* **"
).split(' ')

/** A document. The same seed gives the same one. */
export function randomDocument(random: Random, isSayable: boolean): Node {
  return new Writer(random, isSayable).document()
}

class Writer {
  readonly #random: Random
  readonly #isSayable: boolean
  #numbering = new Numbering()

  constructor(random: Random, isSayable: boolean) {
    this.#random = random
    this.#isSayable = isSayable
  }

  document(): Node {
    const blocks = this.#blocks(1 + this.#random.below(9), 0)
    const hasTitle = this.#random.chance(0.4)
    const title = nodes.paragraph.create({ style: 'title' }, this.#line(true))
    return nodes.doc.create(null, hasTitle ? [title, ...blocks] : blocks)
  }

  #blocks(count: number, depth: number): Node[] {
    const outer = this.#numbering
    this.#numbering = new Numbering()
    const blocks: Node[] = []
    while (blocks.length < count) blocks.push(...this.#some(depth))
    this.#numbering = outer
    return blocks
  }

  #some(depth: number): Node[] {
    const random = this.#random
    const kind = random.below(10)
    if (kind < 3) return [this.#paragraph({ style: this.#style() })]
    if (kind < 6) return this.#list()
    if (kind === 6 && !this.#isSayable) return [this.#paragraph(this.#anyAttrs())]
    const block = this.#block(kind, depth)
    if (block !== null) this.#numbering.next(plainParagraph)
    return block === null ? [this.#paragraph({})] : [block]
  }

  #style(): ParagraphAttrs['style'] {
    const style = this.#random.chance(0.5) ? null : this.#random.pick(textStyles)
    return this.#isSayable && style === 'title' ? 'heading1' : style
  }

  #paragraph(attrs: Partial<ParagraphAttrs>): Node {
    this.#numbering.next({ ...plainParagraph, ...attrs })
    const isLine = attrs.style?.startsWith('heading') === true || attrs.style === 'title'
    return nodes.paragraph.create({ ...attrs }, this.#line(isLine))
  }

  #anyAttrs(): ParagraphAttrs {
    const random = this.#random
    const list = random.chance(0.5) ? random.pick(listKinds) : null
    return parseParagraph({
      style: this.#style(),
      list,
      level: random.chance(0.4) ? 1 + random.below(8) : null,
      checked: list === 'task' && random.chance(0.5),
      align: random.chance(0.3) ? random.pick(alignments) : null,
      start: list === 'ordered' && random.chance(0.3) ? random.below(50) : null,
    })
  }

  #list(): Node[] {
    const random = this.#random
    const style = random.chance(0.2) ? 'quote' : null
    let level = -1
    return Array.from({ length: 1 + random.below(6) }, () => {
      const isMore = level >= 0 && random.chance(0.15)
      if (!isMore) level = Math.min(7, random.below(level + 2))
      const place = isMore ? level + 1 : level
      const base = { style, level: place === 0 ? null : place } as const
      if (isMore) return this.#paragraph(base)
      const list = random.pick(listKinds)
      const checked = list === 'task' && random.chance(0.5) ? true : null
      const wanted = random.below(20)
      const isNew = list === 'ordered' && random.chance(0.2) && this.#numbering.expected(level) !== wanted
      const heading = list !== 'task' && style === null && random.chance(0.1) ? ('heading2' as const) : style
      return this.#paragraph({ ...base, style: heading, list, checked, start: isNew ? wanted : null })
    })
  }

  #block(kind: number, depth: number): Node | null {
    const random = this.#random
    switch (kind) {
      case 6: {
        const language = random.pick(['math', 'ts', 'c++', null])
        const text = random.pick([
          'let a\n\n  = `1`',
          '```\n~~~',
          '$$ x',
          '\\frac{a}{b}',
          '',
          '<script>',
          '> # x',
        ])
        return nodes.code_block.create({ language }, text === '' ? [] : schema.text(text))
      }
      case 7:
        return random.chance(0.3) ? nodes.horizontal_rule.create() : this.#image()
      case 8:
        return depth > 1
          ? null
          : nodes.callout.create(
              { kind: random.pick(calloutKinds) },
              this.#blocks(1 + random.below(3), depth + 1),
            )
      default:
        return depth > 0 ? null : this.#table()
    }
  }

  #image(): Node {
    const random = this.#random
    const attrs = {
      src: random.pick([
        'https://a.example/i.png',
        '/f/(a).png?x=1&y=2',
        'data:image/png;base64,iVBORw0KGgo=',
      ]),
      alt: random.pick([null, 'An "i" [x]', 'two words & more']),
      title: random.pick([null, 'It said "so"', "it's"]),
    }
    const extra = { width: random.pick([null, 120]), align: random.pick([null, 'left', 'right']) }
    const caption = random.chance(0.5) ? this.#line(false) : []
    return nodes.image.create(this.#isSayable ? attrs : { ...attrs, ...extra }, caption)
  }

  #table(): Node {
    const random = this.#random
    const [width, height] = [1 + random.below(3), 1 + random.below(3)]
    const hasHeadings = random.chance(0.6)
    const aligns = Array.from({ length: width }, () => random.pick([null, 'center', 'right'] as const))
    const rows = Array.from({ length: height }, (_, y) => {
      const type = hasHeadings && y === 0 ? nodes.table_header : nodes.table_cell
      return nodes.table_row.create(
        null,
        aligns.map((align, x) => {
          // A table of which Markdown could not tell a row of headings needs something in it.
          const line = y === 0 && x === 0 ? [schema.text('cell')] : this.#line(true)
          const span = this.#isSayable ? {} : { colspan: 1 + random.below(2), rowspan: 1 + random.below(2) }
          const first = nodes.paragraph.create({ align }, random.chance(0.2) && y > 0 ? [] : line)
          return type.create(span, this.#isSayable ? [first] : [first, ...this.#blocks(random.below(2), 2)])
        }),
      )
    })
    return nodes.table.create(null, rows)
  }

  /** Inline content; in Markdown never empty, with spaces only between words. */
  #line(isLine: boolean): Node[] {
    const random = this.#random
    const line: Node[] = []
    const count = this.#isSayable ? 1 + random.below(5) : random.below(6)
    for (let index = 0; index < count; index++) {
      const isLast = index === count - 1
      const piece = this.#piece(index > 0 && !isLast && !isLine, line.at(-1))
      line.push(piece)
      const needsSpace = piece.marks.some(({ type }) => type === marks.math)
      if (!isLast && piece.type !== nodes.hard_break && (needsSpace || random.chance(0.6)))
        line.push(schema.text(this.#isSayable ? ' ' : random.pick([' ', '  ', '\u00a0'])))
    }
    return line
  }

  #piece(mayBreak: boolean, before: Node | undefined): Node {
    const random = this.#random
    if (mayBreak && random.chance(0.1) && before?.text?.endsWith(' ') !== true && before?.isText === true)
      return nodes.hard_break.create()
    if (random.chance(0.07)) return nodes.mention.create({ id: random.pick([null, 'u"1<']), label: 'Ada L.' })
    const isAfterText = before?.text !== undefined && !before.text.endsWith(' ')
    if (random.chance(0.1) && !isAfterText)
      return schema.text(random.pick(['x^2', 'a_b*c', '\\frac12', 'a < b']), [marks.math.create()])
    const chosen = this.#marks()
    if (random.chance(0.1))
      return schema.text(
        random.pick(['code', '`', 'a  b', '<u>', '*x*']),
        marks.code.create().addToSet(chosen),
      )
    const text = Array.from({ length: 1 + random.below(3) }, () => random.pick(words)).join(' ')
    return schema.text(text, chosen)
  }

  #marks(): readonly Mark[] {
    const random = this.#random
    const all = [
      marks.strong.create(),
      marks.em.create(),
      marks.strike.create(),
      marks.underline.create(),
      marks.subscript.create(),
      marks.superscript.create(),
      marks.highlight.create({ color: random.pick(paletteColors) }),
      marks.text_color.create({ color: random.pick(paletteColors) }),
      marks.link.create({
        href: random.pick(['https://a.example/?a=1&b=(2)', '/x y', 'mailto:a@b.example']),
      }),
    ]
    const count = random.pick([0, 0, 0, 1, 1, 2, 3])
    return random
      .shuffle(all)
      .slice(0, count)
      .reduce<readonly Mark[]>((set, mark) => mark.addToSet(set), [])
  }
}
