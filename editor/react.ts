import { createElement, useEffect, useRef, type ReactElement, type Ref } from 'react'
import { createEditor } from './editor.ts'
import type { Editor, EditorEvents, EditorOptions } from './options.ts'

/** What the component takes: the options of `createEditor`, its events, and how its element looks. */
export interface CoscribeEditorProps extends EditorOptions {
  readonly className?: string
  readonly onStatus?: (status: EditorEvents['status']) => void
  readonly onChange?: (change: EditorEvents['change']) => void
  readonly onPeople?: (people: EditorEvents['people']) => void
  /** The editor while there is one; null before and after. */
  readonly editorRef?: Ref<Editor>
}

/**
 * The editor as a React component. `server`, `document`, `ydoc`, `awareness` and `offline` decide which document is
 * open; a change of one opens anew. `user` and `editable` follow their props; other options are read when it opens.
 * On a server it renders its empty element.
 */
export function CoscribeEditor(props: CoscribeEditorProps): ReactElement {
  const holder = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const latest = useRef(props)
  const { server, document, ydoc, awareness, offline, user, editable } = props
  useEffect(() => {
    latest.current = props
  })
  useEffect(() => {
    if (holder.current === null) return
    // A child of its own: React runs effects twice in development, and each run cleans up after itself.
    const made = createEditor(holder.current, latest.current)
    editor.current = made
    made.on('status', (status) => latest.current.onStatus?.(status))
    made.on('change', (change) => latest.current.onChange?.(change))
    made.on('people', (people) => latest.current.onPeople?.(people))
    setRef(latest.current.editorRef, made)
    return () => {
      setRef(latest.current.editorRef, null)
      editor.current = null
      made.destroy()
    }
  }, [server, document, ydoc, awareness, offline])
  useEffect(() => {
    if (user !== undefined) editor.current?.setUser(user)
  }, [user?.id, user?.name, user?.color])
  useEffect(() => editor.current?.setEditable(editable !== false), [editable])
  return createElement('div', { ref: holder, className: props.className })
}

function setRef(ref: Ref<Editor> | undefined, editor: Editor | null): void {
  if (typeof ref === 'function') ref(editor)
  else if (ref != null) ref.current = editor
}
