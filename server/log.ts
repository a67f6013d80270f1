/**
 * Where the server's log lines go; pino's loggers fit. Fields never hold tokens, addresses with their query, or text
 * of a document.
 */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const silentLog: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
