import { mathLanguage, parseCallout } from '../schema/index.ts'

/*
 * What other programs write in ways of their own, as the elements our schema reads: formulas (KaTeX, MathML,
 * Wikipedia), GitHub's alerts and code, Notion's checklists. Works in place, before `clean`.
 */

/** Rewrites what the schema wouldn't know. */
export function translate(root: ParentNode): void {
  for (const source of root.querySelectorAll('annotation[encoding="application/x-tex"]'))
    replaceFormula(source)
  for (const alert of root.querySelectorAll<HTMLElement>('div.markdown-alert')) replaceAlert(alert)
  for (const code of root.querySelectorAll<HTMLElement>('div.highlight > pre')) nameLanguage(code)
  for (const box of root.querySelectorAll('li > .checkbox-on, li > .checkbox-off')) replaceBox(box)
}

/** A rendered formula has its TeX beside the picture of it. */
function replaceFormula(source: Element): void {
  const shown =
    source.closest('.katex-display, mjx-container, .mwe-math-element') ??
    source.closest('.katex') ??
    source.closest('math')
  const document = source.ownerDocument
  if (shown === null) return
  const isBlock =
    shown.classList.contains('katex-display') || shown.querySelector('math[display="block"]') !== null
  const tex = source.textContent.trim()
  const formula = document.createElement(isBlock ? 'pre' : 'span')
  if (isBlock) {
    const code = formula.appendChild(document.createElement('code'))
    code.className = `language-${mathLanguage}`
    code.textContent = tex
  } else {
    formula.dataset['math'] = ''
    formula.textContent = tex
  }
  shown.replaceWith(formula)
}

function replaceAlert(alert: HTMLElement): void {
  const kind = /\bmarkdown-alert-(\w+)/.exec(alert.className.replace(/\bmarkdown-alert-title\b/, ''))?.[1]
  for (const title of alert.querySelectorAll('.markdown-alert-title')) title.remove()
  const aside = alert.ownerDocument.createElement('aside')
  aside.dataset['callout'] = parseCallout(kind)
  aside.append(...alert.childNodes)
  alert.replaceWith(aside)
}

function nameLanguage(code: HTMLElement): void {
  const name = /\bhighlight-(?:source|text)-(\w+)/.exec(code.parentElement?.className ?? '')?.[1]
  if (name === undefined || code.querySelector('code') !== null) return
  const inner = code.ownerDocument.createElement('code')
  inner.className = `language-${name}`
  inner.append(...code.childNodes)
  code.append(inner)
}

function replaceBox(box: Element): void {
  const input = box.ownerDocument.createElement('input')
  input.setAttribute('type', 'checkbox')
  if (box.classList.contains('checkbox-on')) input.setAttribute('checked', '')
  box.replaceWith(input)
}
