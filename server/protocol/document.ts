/** Where the editor's content lives inside a Yjs document: what the server must know to read a title. */

/** The `Y.XmlFragment` that holds the text. No other editor uses this name by default. */
export const fragmentName = 'coscribe'

/** The `Y.Map` with facts about the document itself. */
export const metaName = 'coscribe:meta'

/** Key in the meta map: the schema version the document was last written with. */
export const schemaKey = 'schema'

/** The `Y.Array` of records that say which text was moved where; the editor writes and reads them. */
export const movesName = 'coscribe:moves'

/** Node name of every ordinary block of text; what it looks like are its attributes. */
export const paragraphName = 'paragraph'

/** Value of a paragraph's `style` attribute that makes it the document's title. */
export const titleStyle = 'title'
