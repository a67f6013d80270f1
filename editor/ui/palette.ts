import type { EditorView } from 'prosemirror-view'
import { activeColor, setColor, type ColorMark } from '../commands/colors.ts'
import { paletteColors, type PaletteColor } from '../schema/index.ts'
import { openMenu } from './menu.ts'
import { text } from './text.ts'

const columns = 6

/** Opens the colours for highlights or text under a button. */
export function openPalette(view: EditorView, mark: ColorMark, button: HTMLElement): void {
  const active = activeColor(view.state, mark)
  const item = (color: PaletteColor | null) => ({
    label: color === null ? text.noColor : text.colors[color],
    isChecked: color === active,
    swatch: { mark, color },
    run: () => setColor(mark, color)(view.state, view.dispatch),
  })
  const items = [null, ...paletteColors].map(item)
  openMenu(view, { label: text[mark], groups: [{ label: text[mark], items }], anchor: button, columns })
}
