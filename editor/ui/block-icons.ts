import {
  Check,
  Columns3,
  Copy,
  Grid3x3,
  Info,
  Lightbulb,
  MessageSquareWarning,
  OctagonAlert,
  Rows3,
  TriangleAlert,
} from 'lucide'
import { drawIcon } from './icons.ts'

/** Icons of what is fetched when a block first needs it. */
const drawings = {
  tableRow: Rows3,
  tableColumn: Columns3,
  tableCells: Grid3x3,
  note: Info,
  tip: Lightbulb,
  important: MessageSquareWarning,
  warning: TriangleAlert,
  caution: OctagonAlert,
  copyCode: Copy,
  copied: Check,
}

export type BlockIconName = keyof typeof drawings

/** As `icon`. */
export function blockIcon(name: BlockIconName): SVGElement {
  return drawIcon(drawings[name])
}
