import type { render } from 'katex'
import { text } from './text.ts'

/*
 * Formulas are others' text, so what drawing one may cost is bounded: by length, by what a macro of KaTeX's may become,
 * and by size. Commands can't be defined: a few of them, each made of the one before, would be thousands of signs.
 */

const limits = { length: 4_000, expansions: 500, em: 20 } as const

type Katex = { readonly render: typeof render }

let katex: Katex | null = null
let loading: Promise<void> | null = null

/** KaTeX, fetched when the first formula is drawn; tried again at the next one when that failed. */
async function load(): Promise<void> {
  loading ??= import('katex').then((loaded) => {
    katex = loaded
  })
  try {
    await loading
  } catch (error) {
    loading = null
    throw error
  }
}

const definitions =
  /\\(?:[gex]?def|let|futurelet|global|long|(?:re|provide)?newcommand|renewcommand|providecommand)(?![a-zA-Z])/

/** Why a formula isn't drawn, whoever wrote it; null when it may be. */
export function refuseFormula(tex: string): string | null {
  if (tex.length > limits.length) return text.formulaTooLong
  return definitions.test(tex.replaceAll('\\\\', ' ')) ? text.formulaDefines : null
}

/** A formula and how it stands: in a line, or by itself. */
export interface Formula {
  readonly tex: string
  readonly isBlock: boolean
}

const drawn = new WeakMap<HTMLElement, string>()

/**
 * Shows a formula in an element: as it is meant, or, when it can't be, its source with a message; `tell` gets the message,
 * null when all is well. At once when KaTeX is here, else when it has come.
 */
export function drawFormula(
  element: HTMLElement,
  formula: Formula,
  tell?: (error: string | null) => void,
): void {
  const key = `${formula.isBlock} ${formula.tex}`
  if (drawn.get(element) === key) return
  drawn.set(element, key)
  const refusal = refuseFormula(formula.tex)
  if (refusal !== null) {
    showSource(element, formula, { error: refusal, tell })
    return
  }
  if (katex !== null) {
    renderNow(katex, element, { formula, tell })
    return
  }
  if (element.childNodes.length === 0) element.textContent = formula.tex
  void load().then(
    () => {
      if (drawn.get(element) === key && katex !== null) renderNow(katex, element, { formula, tell })
    },
    () => {
      drawn.delete(element)
      showSource(element, formula, { error: text.formulaFailed, tell })
    },
  )
}

interface Drawing {
  readonly formula: Formula
  readonly tell: ((error: string | null) => void) | undefined
}

function renderNow({ render: draw }: Katex, element: HTMLElement, { formula, tell }: Drawing): void {
  const holder = element.ownerDocument.createElement('span')
  try {
    // It makes elements and sets their styles one by one: markup with style attributes would be stopped by the policy.
    draw(formula.tex, holder, {
      displayMode: formula.isBlock,
      throwOnError: true,
      strict: 'ignore',
      trust: false,
      maxExpand: limits.expansions,
      maxSize: limits.em,
    })
  } catch (error) {
    showSource(element, formula, { error: reason(error), tell })
    return
  }
  element.classList.remove('coscribe-formula-error')
  element.removeAttribute('title')
  element.replaceChildren(...holder.childNodes)
  tell?.(null)
}

function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  return message.replace(/^KaTeX parse error: /, '').slice(0, 200)
}

interface Refusal {
  readonly error: string
  readonly tell: ((error: string | null) => void) | undefined
}

function showSource(element: HTMLElement, { tex }: Formula, { error, tell }: Refusal): void {
  element.classList.add('coscribe-formula-error')
  element.title = error
  element.textContent = tex.slice(0, limits.length)
  tell?.(error)
}
