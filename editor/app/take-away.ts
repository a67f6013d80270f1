import type { Editor } from '../index.ts'

/** The document on the clipboard, with its formatting for programs that want it; false when the browser refuses. */
export async function copyDocument(editor: Editor): Promise<boolean> {
  const plain = new Blob([editor.getText()], { type: 'text/plain' })
  const rich = new Blob([editor.getHTML()], { type: 'text/html' })
  return navigator.clipboard.write([new ClipboardItem({ 'text/plain': plain, 'text/html': rich })]).then(
    () => true,
    () =>
      navigator.clipboard.writeText(editor.getText()).then(
        () => true,
        () => false,
      ),
  )
}

/**
 * The document as a file: a web page, which every computer opens, and which pasted back keeps its formatting.
 */
export function downloadDocument(editor: Editor, title: string): void {
  const page = document.implementation.createHTMLDocument(title)
  const charset = page.createElement('meta')
  charset.setAttribute('charset', 'utf-8')
  page.head.prepend(charset)
  page.body.innerHTML = editor.getHTML()
  const file = new Blob([`<!doctype html>\n${page.documentElement.outerHTML}\n`], { type: 'text/html' })
  saveFile(file, `${title}.html`)
}

/** Has the browser save a file, by a name that every system takes. */
export function saveFile(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  const ending = /\.\w+$/.exec(name)?.[0] ?? ''
  link.download = toFileName(name.slice(0, name.length - ending.length)) + ending
  link.click()
  // Safari reads the file only after the click has been handled.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

/** A title without what some system forbids in a file's name. */
export function toFileName(title: string): string {
  const name = title
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return (
    Array.from(name)
      .slice(0, 80)
      .join('')
      .replace(/[. ]+$/, '') || 'document'
  )
}
