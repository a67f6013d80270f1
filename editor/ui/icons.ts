import {
  AlignCenterVertical,
  AlignEndVertical,
  AlignStartVertical,
  Bold,
  Check,
  Code,
  createElement,
  ExternalLink,
  Image,
  ImageOff,
  Info,
  Italic,
  Link,
  List,
  ListIndentDecrease,
  ListIndentIncrease,
  ListOrdered,
  ListTodo,
  Minus,
  Paperclip,
  Pencil,
  Redo2,
  RefreshCw,
  SquareCode,
  Strikethrough,
  Table,
  TextAlignCenter,
  TextAlignEnd,
  TextAlignJustify,
  TextAlignStart,
  Trash2,
  Underline,
  Undo2,
  Unlink,
  Upload,
  X,
  type IconNode,
} from 'lucide'

const drawings = {
  undo: Undo2,
  redo: Redo2,
  strong: Bold,
  em: Italic,
  underline: Underline,
  strike: Strikethrough,
  code: Code,
  link: Link,
  bullet: List,
  ordered: ListOrdered,
  task: ListTodo,
  outdent: ListIndentDecrease,
  indent: ListIndentIncrease,
  alignStart: TextAlignStart,
  alignCenter: TextAlignCenter,
  alignRight: TextAlignEnd,
  alignJustify: TextAlignJustify,
  rule: Minus,
  linkOpen: ExternalLink,
  linkEdit: Pencil,
  linkRemove: Unlink,
  linkApply: Check,
  picture: Image,
  imageMissing: ImageOff,
  imageLeft: AlignStartVertical,
  imageCenter: AlignCenterVertical,
  imageRight: AlignEndVertical,
  imageReplace: RefreshCw,
  imageDelete: Trash2,
  upload: Upload,
  file: Paperclip,
  close: X,
  insertTable: Table,
  callout: Info,
  codeBlock: SquareCode,
}

export type IconName = keyof typeof drawings

/** A new inline SVG of an icon, hidden from screen readers: the control around it has a name. */
export function icon(name: IconName): SVGElement {
  return drawIcon(drawings[name])
}

/** The same of any drawing. */
export function drawIcon(drawing: IconNode): SVGElement {
  return createElement(drawing, { 'aria-hidden': 'true', width: 18, height: 18, 'stroke-width': 1.9 })
}
