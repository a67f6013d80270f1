/**
 * Whether a node is an element, in any window and without one: on the server, documents are read by a DOM that has no
 * global classes.
 */
export function isElement(node: globalThis.Node): node is HTMLElement {
  return node.nodeType === 1
}
