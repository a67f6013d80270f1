import { type MarkSpec, type NodeSpec, Schema } from 'prosemirror-model'
import type { Command, Plugin } from 'prosemirror-state'
import type { Awareness } from 'y-protocols/awareness'
import type * as Y from 'yjs'
import { type CoscribeSchema, schema } from './schema/index.ts'

/** What the slash menu offers for something of a host's. */
export interface ExtensionItem {
  readonly name: string
  /** Runs when the slash and the query are gone; where it doesn't apply, the item is left out. */
  readonly run: Command
  /** Other words it is found by. */
  readonly keywords?: readonly string[]
  /** The heading it stands under; default: that of the editor's own blocks. */
  readonly group?: string
  /** Makes what is drawn before the name, 18 pixels wide. */
  readonly icon?: () => Node
}

/** What a host adds to an editor. Everybody who opens the document should have the same nodes and marks: others see placeholders. */
export interface EditorExtension {
  /** By name; content expressions are best written with `*`, so that what two people merge into is never invalid. */
  readonly nodes?: Readonly<Record<string, NodeSpec>>
  /** By name; a mark without attributes gets the attribute `v`, without which Yjs can't tell it from others. */
  readonly marks?: Readonly<Record<string, MarkSpec>>
  /** Offered in the slash menu after the editor's own. */
  readonly insertItems?: readonly ExtensionItem[]
  readonly plugins?: (context: ExtensionContext) => readonly Plugin[]
}

/** What plugins are made for. */
export interface ExtensionContext {
  readonly schema: CoscribeSchema
  readonly ydoc: Y.Doc
  readonly awareness: Awareness
}

/** The editor's schema with the nodes and marks of extensions; throws a RangeError for a name that is taken. */
export function extendSchema(extensions: readonly EditorExtension[]): CoscribeSchema {
  const own = extensions.filter(({ nodes, marks }) => nodes !== undefined || marks !== undefined)
  if (own.length === 0) return schema
  let { nodes, marks } = schema.spec
  for (const extension of own) {
    for (const [name, spec] of Object.entries(extension.nodes ?? {})) {
      if (nodes.get(name) !== undefined) throw new RangeError(`There is a node named ${name} already`)
      nodes = nodes.addToEnd(name, spec)
    }
    for (const [name, spec] of Object.entries(extension.marks ?? {})) {
      if (marks.get(name) !== undefined) throw new RangeError(`There is a mark named ${name} already`)
      marks = marks.addToEnd(name, withVersion(spec))
    }
  }
  return new Schema<keyof CoscribeSchema['nodes'] & string, keyof CoscribeSchema['marks'] & string>({
    nodes,
    marks,
  })
}

function withVersion(spec: MarkSpec): MarkSpec {
  return { ...spec, attrs: { ...spec.attrs, v: { default: 1 } } }
}
