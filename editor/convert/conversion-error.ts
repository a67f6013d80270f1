/** A text that can't be made a document; the message says why, in words for whoever sent it. */
export class ConversionError extends Error {
  readonly code: 'too-deep'

  constructor(code: 'too-deep', message: string) {
    super(message)
    this.name = 'ConversionError'
    this.code = code
  }
}
