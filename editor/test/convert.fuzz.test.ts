// @vitest-environment jsdom
import type { Node } from 'prosemirror-model'
import { describe, expect, test } from 'vitest'
import { Random } from '../../test/random.ts'
import {
  fromHtml,
  fromJson,
  fromMarkdown,
  fromYjs,
  toHtml,
  toJson,
  toMarkdown,
  toYjs,
} from '../convert/index.ts'
import { randomDocument } from './random-document.ts'

const rounds = process.env['COSCRIBE_LONG'] === undefined ? 60 : 2000
const firstSeed = Number(process.env['SEED'] ?? 1)

/** Runs a law on many documents, and says which one broke it. */
function onMany(isSayable: boolean, law: (doc: Node) => void): void {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
    const doc = randomDocument(new Random(seed), isSayable)
    doc.check()
    try {
      law(doc)
    } catch (error) {
      throw new Error(`SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
}

describe('Any document', () => {
  test('[E44] is the same after Markdown, as far as Markdown can say it', () => {
    onMany(true, (doc) => {
      const markdown = toMarkdown(doc)
      expect(fromMarkdown(markdown).toJSON(), markdown).toEqual(doc.toJSON())
    })
  })

  test('[E44] written as Markdown and read says the same from then on', () => {
    onMany(false, (doc) => {
      const once = fromMarkdown(toMarkdown(doc))
      once.check()
      const markdown = toMarkdown(once)
      expect(fromMarkdown(markdown).toJSON(), markdown).toEqual(once.toJSON())
    })
  })

  test('[E45] is the same after HTML', () => {
    onMany(false, (doc) => {
      const html = toHtml(doc)
      expect(fromHtml(html).toJSON(), html).toEqual(doc.toJSON())
    })
  })

  test('[E46] is the same after JSON', () => {
    onMany(false, (doc) => {
      expect(fromJson(JSON.parse(JSON.stringify(toJson(doc)))).toJSON()).toEqual(doc.toJSON())
    })
  })

  test('[D12] is the same after Yjs', () => {
    onMany(false, (doc) => {
      expect(fromYjs(toYjs(doc)).toJSON()).toEqual(doc.toJSON())
    })
  })
})
