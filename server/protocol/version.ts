/**
 * Versions both sides speak. A change adds one line of history.
 *
 * Wire `coscribe.1`: y-websocket's messages plus hello (10), saved (8), refused (9) and notice (11).
 */
export const subprotocol = 'coscribe.1'

/**
 * Version of the document schema, stored in the document and sent in `hello`.
 *
 * 1: paragraph with style, list, level, checked and align as attributes; code_block, image, horizontal_rule, table.
 */
export const schemaVersion = 1
