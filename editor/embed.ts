import './style.css'
import { defineElement, styleText } from './element.ts'

/** What the server hands out as `/editor.js`: one script, and every `<coscribe-editor>` of the page is an editor. */

styleText(document)
defineElement()

export * from './index.ts'
