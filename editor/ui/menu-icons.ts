import {
  ArrowDown,
  ArrowUp,
  AtSign,
  Check,
  ChevronDown,
  Copy,
  CopyPlus,
  ExternalLink,
  GripVertical,
  Heading,
  Heading1,
  Heading2,
  Heading3,
  Heading4,
  Heading5,
  Heading6,
  Info,
  Lightbulb,
  ListEnd,
  ListRestart,
  MessageSquareWarning,
  OctagonAlert,
  Pencil,
  Plus,
  Sigma,
  Smile,
  SquareCode,
  Table,
  TextQuote,
  Trash,
  TriangleAlert,
  Type,
  Unlink,
} from 'lucide'
import { drawIcon, icon, type IconName } from './icons.ts'

/** Icons that are not needed before a menu opens. */
const drawings = {
  text: Type,
  title: Heading,
  heading1: Heading1,
  heading2: Heading2,
  heading3: Heading3,
  heading4: Heading4,
  heading5: Heading5,
  heading6: Heading6,
  quote: TextQuote,
  codeBlock: SquareCode,
  math: Sigma,
  table: Table,
  note: Info,
  tip: Lightbulb,
  important: MessageSquareWarning,
  warning: TriangleAlert,
  caution: OctagonAlert,
  mention: AtSign,
  emoji: Smile,
  grip: GripVertical,
  add: Plus,
  duplicate: CopyPlus,
  remove: Trash,
  moveUp: ArrowUp,
  moveDown: ArrowDown,
  restart: ListRestart,
  continue: ListEnd,
  linkCopy: Copy,
  linkOpen: ExternalLink,
  linkEdit: Pencil,
  linkRemove: Unlink,
  linkApply: Check,
  open: ChevronDown,
}

export type MenuIconName = IconName | keyof typeof drawings

/** A new inline SVG of an icon of a menu or of the toolbar. */
export function menuIcon(name: MenuIconName): SVGElement {
  return isOwn(name) ? drawIcon(drawings[name]) : icon(name)
}

function isOwn(name: MenuIconName): name is keyof typeof drawings {
  return name in drawings
}
