/** What the binding is measured with, and how the table calls it. */
export const bindingActs = {
  key: 'key press in the middle',
  lastKey: 'key press in the last paragraph',
  longKey: 'key press in a paragraph of 20,000 letters',
  enter: 'Enter',
  paste: 'paste of 3 paragraphs',
} as const

export type BindingAct = keyof typeof bindingActs
