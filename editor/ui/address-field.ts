import { html } from 'lit'

interface AddressField {
  readonly label: string
  readonly placeholder: string
  /** What was typed is no address. */
  readonly isInvalid: boolean
}

/** A field for the address of something, named `address` in its form. */
export function addressField({ label, placeholder, isInvalid }: AddressField) {
  return html`<input
    type="text"
    part="input"
    name="address"
    inputmode="url"
    autocomplete="off"
    autocapitalize="off"
    spellcheck="false"
    aria-label=${label}
    aria-invalid=${isInvalid}
    placeholder=${placeholder}
  />`
}
