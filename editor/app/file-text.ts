/** The words around files, which are loaded with what needs them. */
export const fileText = {
  menu: 'This document',
  copyMarkdown: 'Copy as Markdown',
  markdown: 'Download as Markdown',
  html: 'Download as web page',
  text: 'Download as plain text',
  json: 'Download as JSON',
  print: 'Print…',
  insert: 'Insert a file…',
  copied: 'Copied',
  copyFailed: 'This browser doesn’t let it be copied',
  failed: 'This could not be done just now',
  inserted: (name: string) => `Inserted ${name}`,
  unsupported: (name: string) => `${name} is no Markdown, HTML, JSON or plain text`,
  tooLarge: (name: string) => `${name} is larger than 2 MB`,
  notText: (name: string) => `${name} is not text in UTF-8`,
  notDocument: (name: string) => `${name} can’t be read as a document`,
} as const
