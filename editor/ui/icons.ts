import {
  Bold,
  Check,
  Code,
  createElement,
  ExternalLink,
  Italic,
  Link,
  List,
  ListIndentDecrease,
  ListIndentIncrease,
  ListOrdered,
  ListTodo,
  Minus,
  Pencil,
  Redo2,
  Strikethrough,
  TextAlignCenter,
  TextAlignEnd,
  TextAlignJustify,
  TextAlignStart,
  Underline,
  Undo2,
  Unlink,
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
}

export type IconName = keyof typeof drawings

/** A new inline SVG of an icon, hidden from screen readers: the control around it has a name. */
export function icon(name: IconName): SVGElement {
  return createElement(drawings[name], { 'aria-hidden': 'true', width: 18, height: 18, 'stroke-width': 1.9 })
}
