import type { Command } from 'prosemirror-state'
import { redo, undo } from './binding/binding.ts'
import {
  changeLevel,
  insertRule,
  setAlignment,
  setStyle,
  toggleList,
  toggleStyle,
} from './commands/blocks.ts'
import { findCallout, insertCallout, setCalloutKind, unwrapCallout } from './commands/callouts.ts'
import { insertCode, insertFormula } from './commands/code.ts'
import { setColor } from './commands/colors.ts'
import { insertImage } from './commands/images.ts'
import { insertTable } from './commands/insert-table.ts'
import { removeLink, setLink, toggle, toggleScript } from './commands/marks.ts'
import { insertMath } from './commands/math.ts'
import { moveBlocks } from './commands/move-blocks.ts'
import type { Alignment, CalloutKind, ImageAttrs, PaletteColor } from './schema/index.ts'

/** What a table is made with. */
export interface TableOptions {
  /** Default 3. */
  readonly rows?: number
  /** Default 3. */
  readonly columns?: number
  /** Whether the first row is one of headers; default true. */
  readonly header?: boolean
}

/**
 * What can be done where the caret or the selection is. Each returns whether it applied: false where it makes no sense,
 * where nothing may be written, and before the document is here. None takes the focus.
 */
export interface EditorCommands {
  /** Marks are turned on, or off where the whole selection has them; without a selection, for what is typed next. */
  bold(): boolean
  italic(): boolean
  underline(): boolean
  strike(): boolean
  code(): boolean
  subscript(): boolean
  superscript(): boolean
  /** Null takes the colour away. */
  highlight(color: PaletteColor | null): boolean
  /** Null takes the colour away. */
  textColor(color: PaletteColor | null): boolean
  /** Links the selection, or inserts the address; false for what is no address a document may hold. */
  link(href: string): boolean
  /** Takes the link around the caret away, or those in the selection. */
  unlink(): boolean
  /** Ordinary text, of whatever the selected blocks are. */
  paragraph(): boolean
  title(): boolean
  heading(level: 1 | 2 | 3 | 4 | 5 | 6): boolean
  /** Like the lists: turned off where all selected blocks are that already. */
  quote(): boolean
  bulletList(): boolean
  orderedList(): boolean
  taskList(): boolean
  indent(): boolean
  outdent(): boolean
  /** Null is the side the writing starts from. */
  align(side: Alignment | null): boolean
  /** Moves the selected blocks past the one before. */
  moveUp(): boolean
  /** Moves the selected blocks past the one after. */
  moveDown(): boolean
  /** Around the selected blocks, or another kind for the callout there is; null takes it away. Default: a note. */
  callout(kind?: CalloutKind | null): boolean
  /** In place of an empty paragraph, else after the block; default: plain text. */
  codeBlock(language?: string | null): boolean
  /** A formula in the line, of the selected text; `formula` is one that stands by itself. */
  math(): boolean
  formula(): boolean
  /** False inside a table, and for more rows or columns than one can have. */
  table(options?: TableOptions): boolean
  /** False for an address that may not be shown. */
  image(image: Partial<ImageAttrs> & { readonly src: string }): boolean
  rule(): boolean
  undo(): boolean
  redo(): boolean
}

function setCallout(kind: CalloutKind | null): Command {
  return (state, dispatch, view) => {
    const around = findCallout(state.selection.$from)
    if (kind === null) return around !== null && unwrapCallout(around.position)(state, dispatch, view)
    const command = around === null ? insertCallout(kind) : setCalloutKind(around.position, kind)
    return command(state, dispatch, view)
  }
}

/** The commands, each done by `run`. */
export function editorCommands(run: (command: Command) => boolean): EditorCommands {
  return {
    bold: () => run(toggle('strong')),
    italic: () => run(toggle('em')),
    underline: () => run(toggle('underline')),
    strike: () => run(toggle('strike')),
    code: () => run(toggle('code')),
    subscript: () => run(toggleScript('subscript')),
    superscript: () => run(toggleScript('superscript')),
    highlight: (color) => run(setColor('highlight', color)),
    textColor: (color) => run(setColor('text_color', color)),
    link: (href) => run(setLink(href)),
    unlink: () => run(removeLink),
    paragraph: () => run(setStyle(null)),
    title: () => run(setStyle('title')),
    heading: (level) => run(setStyle(`heading${level}`)),
    quote: () => run(toggleStyle('quote')),
    bulletList: () => run(toggleList('bullet')),
    orderedList: () => run(toggleList('ordered')),
    taskList: () => run(toggleList('task')),
    indent: () => run(changeLevel(1)),
    outdent: () => run(changeLevel(-1)),
    align: (side) => run(setAlignment(side)),
    moveUp: () => run(moveBlocks(-1)),
    moveDown: () => run(moveBlocks(1)),
    callout: (kind = 'note') => run(setCallout(kind)),
    codeBlock: (language = null) => run(insertCode(language)),
    math: () => run(insertMath),
    formula: () => run(insertFormula),
    table: ({ rows, columns, header } = {}) => run(insertTable(rows, columns, header)),
    image: (image) => run(insertImage(image)),
    rule: () => run(insertRule),
    undo: () => run(undo),
    redo: () => run(redo),
  }
}
