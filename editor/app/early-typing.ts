import type { EditorView } from 'prosemirror-view'

/**
 * What is typed after a new document was asked for and before it can be written into: it goes along from the list to
 * the document, and is typed there. Keys that go to a field or a button are theirs; input methods need a field, so what
 * they compose is not here.
 */
export class EarlyTyping {
  #words: string
  #document: string | null = null

  private constructor(words: string) {
    this.#words = words
    addEventListener('keydown', this.#collect, true)
    addEventListener('pagehide', this.#leave)
  }

  /** Begins on the list. Takes the focus from the button that was pressed: Enter would press it again. */
  static begin(): EarlyTyping {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    return new EarlyTyping('')
  }

  /** Goes on where the document is opened; null unless it is one that `goTo` was told of. */
  static resume(name: string): EarlyTyping | null {
    const words = take(name)
    if (words === null) return null
    const typing = new EarlyTyping(words)
    // Whoever reloads the page before the document is there has it still.
    typing.goTo(name)
    return typing
  }

  /** The document it is for is about to be opened. */
  goTo(name: string): void {
    this.#document = name
  }

  stop(): void {
    removeEventListener('keydown', this.#collect, true)
    removeEventListener('pagehide', this.#leave)
  }

  /** Types it, letter by letter as the keyboard does, so that what Markdown stands for is made of it. */
  typeInto(view: EditorView): void {
    this.stop()
    if (!view.editable) return
    for (const letter of this.#words) type(view, letter)
  }

  readonly #collect = (event: KeyboardEvent): void => {
    const { key, target } = event
    if (target !== document.body || event.isComposing || isShortcut(event)) return
    if (key === 'Backspace') this.#words = this.#words.replace(/.$/su, '')
    else if (key === 'Enter') this.#words += '\n'
    else if (/^.$/u.test(key)) this.#words += key
    else return
    event.preventDefault()
  }

  /** As late as can be. A page that the browser keeps for its Back button must not go on collecting. */
  readonly #leave = (): void => {
    this.stop()
    if (this.#document !== null) keep(this.#document, this.#words)
  }
}

/** On some keyboards letters need a key that other ones have for shortcuts. */
const isShortcut = (event: KeyboardEvent): boolean =>
  (event.ctrlKey || event.metaKey || event.altKey) && !event.getModifierState('AltGraph')

function type(view: EditorView, letter: string): void {
  if (letter === '\n') {
    const enter = new KeyboardEvent('keydown', { key: 'Enter' })
    view.someProp('handleKeyDown', (handle) => handle(view, enter))
    return
  }
  const { from, to } = view.state.selection
  const insert = () => view.state.tr.insertText(letter, from, to)
  const isHandled = view.someProp('handleTextInput', (handle) => handle(view, from, to, letter, insert))
  if (isHandled !== true) view.dispatch(insert())
}

const keyOf = (name: string): string => `coscribe-early-typing:${name}`

/** A browser may forbid to store anything; what was typed early is lost then, and nothing else. */
function keep(name: string, words: string): void {
  try {
    sessionStorage.setItem(keyOf(name), words)
  } catch {
    return
  }
}

function take(name: string): string | null {
  try {
    const words = sessionStorage.getItem(keyOf(name))
    sessionStorage.removeItem(keyOf(name))
    return words
  } catch {
    return null
  }
}
