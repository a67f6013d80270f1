import { ArrowDown, ArrowUp, CaseSensitive, ChevronRight, Regex, WholeWord, X } from 'lucide'
import { drawIcon } from './icons.ts'

const drawings = {
  findReplace: ChevronRight,
  findCase: CaseSensitive,
  findWord: WholeWord,
  findRegExp: Regex,
  findPrevious: ArrowUp,
  findNext: ArrowDown,
  findClose: X,
}

export type ReadingIcon = keyof typeof drawings

/** An icon of the find bar or the outline, which are loaded when they are asked for. */
export function readingIcon(name: ReadingIcon): SVGElement {
  return drawIcon(drawings[name])
}
