import { html, render } from 'lit'
import type { Editor } from '../index.ts'
import { fileText } from './file-text.ts'
import { chooseFile, ImportError, readContent } from './import-file.ts'
import { downloadDocument, saveFile } from './take-away.ts'
import { text } from './text.ts'

/** How long a word about the outcome stays. */
const toldMs = 4000

/** Opens what can be done with the whole document. From then on the button opens and closes it by itself. */
export function openDocumentMenu(button: HTMLButtonElement, editor: Editor): void {
  new DocumentMenu(button, editor).open()
}

class DocumentMenu {
  readonly #button: HTMLButtonElement
  readonly #editor: Editor
  readonly #menu = document.createElement('div')
  readonly #outcome = document.createElement('div')
  #quiet: ReturnType<typeof setTimeout> | undefined

  constructor(button: HTMLButtonElement, editor: Editor) {
    this.#button = button
    this.#editor = editor
    this.#menu.className = 'actions'
    this.#menu.popover = 'auto'
    this.#menu.role = 'menu'
    this.#menu.ariaLabel = fileText.menu
    this.#menu.addEventListener('beforetoggle', this.#draw)
    this.#menu.addEventListener('toggle', this.#place)
    this.#menu.addEventListener('keydown', this.#press)
    this.#outcome.className = 'outcome'
    this.#outcome.role = 'status'
    button.after(this.#menu, this.#outcome)
    button.popoverTargetElement = this.#menu
  }

  open(): void {
    this.#menu.showPopover()
  }

  get #items(): HTMLButtonElement[] {
    return [...this.#menu.querySelectorAll('button')]
  }

  readonly #draw = (): void => {
    const editor = this.#editor
    const title = editor.title || text.untitled
    const item = (label: string, run: () => Promise<string> | string, isOff = false) => {
      const choose = () => {
        this.#menu.hidePopover()
        void this.#run(run)
      }
      return html`<button role="menuitem" tabindex="-1" ?disabled=${isOff} @click=${choose}>${label}</button>`
    }
    const save = (words: string, type: string, ending: string) => {
      saveFile(new Blob([words], { type }), `${title}.${ending}`)
      return ''
    }
    render(
      html`${item(fileText.copyMarkdown, () => copyMarkdown(editor))}
        <hr role="separator" />
        ${item(fileText.markdown, async () => save(await editor.getMarkdown(), 'text/markdown', 'md'))}
        ${item(fileText.html, () => {
          downloadDocument(editor, title)
          return ''
        })}
        ${item(fileText.text, () => save(`${editor.getText()}\n`, 'text/plain', 'txt'))}
        ${item(fileText.json, () => save(JSON.stringify(editor.getJSON()), 'application/json', 'json'))}
        <hr role="separator" />
        ${item(fileText.insert, () => insertFile(editor), editor.view?.editable !== true)}
        ${item(fileText.print, () => {
          print()
          return ''
        })}`,
      this.#menu,
    )
  }

  readonly #place = (): void => {
    const isOpen = this.#menu.matches(':popover-open')
    this.#button.ariaExpanded = String(isOpen)
    if (!isOpen) return
    const { bottom, right } = this.#button.getBoundingClientRect()
    this.#menu.style.top = `${bottom + 6}px`
    this.#menu.style.left = `${Math.max(8, right - this.#menu.offsetWidth)}px`
    this.#items[0]?.focus()
  }

  readonly #press = (event: KeyboardEvent): void => {
    const items = this.#items.filter((item) => !item.disabled)
    const at = items.findIndex((item) => item === document.activeElement)
    const next = nextOf(items, at, event.key)
    if (event.key === 'Tab') this.#menu.hidePopover()
    else if (next === undefined) return
    event.preventDefault()
    next?.focus()
  }

  async #run(run: () => Promise<string> | string): Promise<void> {
    const tell = (error: unknown): string => (error instanceof ImportError ? error.message : fileText.failed)
    const words = await (async () => run())().catch(tell)
    clearTimeout(this.#quiet)
    this.#outcome.textContent = words
    this.#quiet = setTimeout(() => (this.#outcome.textContent = ''), toldMs)
  }
}

function nextOf(items: readonly HTMLElement[], at: number, key: string): HTMLElement | undefined {
  switch (key) {
    case 'ArrowDown':
      return items[(at + 1) % items.length]
    case 'ArrowUp':
      return items.at(at <= 0 ? -1 : at - 1)
    case 'Home':
      return items[0]
    case 'End':
      return items.at(-1)
    default:
      return undefined
  }
}

/** Begins to write at once: later the press would be over, after which browsers refuse. */
async function copyMarkdown(editor: Editor): Promise<string> {
  const markdown = editor.getMarkdown()
  const blob = markdown.then((words) => new Blob([words], { type: 'text/plain' }))
  try {
    await navigator.clipboard
      .write([new ClipboardItem({ 'text/plain': blob })])
      .catch(async () => navigator.clipboard.writeText(await markdown))
    return fileText.copied
  } catch {
    return fileText.copyFailed
  }
}

async function insertFile(editor: Editor): Promise<string> {
  const file = await chooseFile()
  if (file === null) return ''
  const { content, format } = await readContent(file)
  try {
    await editor.insertContent(content, { format })
  } catch (error) {
    if (error instanceof Error && ['TypeError', 'ConversionError'].includes(error.name))
      throw new ImportError(fileText.notDocument(file.name))
    throw error
  }
  editor.focus()
  return fileText.inserted(file.name)
}
