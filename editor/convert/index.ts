/* Documents in the formats that others read and write. The door for the server; the editor loads it when needed. */

export { ConversionError } from './conversion-error.ts'
export { fromHtml, toHtml, toPage } from './html.ts'
export { fromJson, toJson } from './json.ts'
export { fromMarkdown, toMarkdown } from './markdown.ts'
export { fromText, toText } from './text.ts'
export { fromYjs, toYjs } from './ydoc.ts'
