/** `coscribe/server`: a sync server to run inside your own program. */
export { type CoscribeServer, type ServerOptions, startServer } from './server.ts'
export type { Access, User } from './access.ts'
export type { Authenticate, AuthenticationRequest } from './authentication.ts'
export { CoscribeError, type ErrorCode } from './errors.ts'
export { type Limits, defaultLimits } from './limits.ts'
export type { Log } from './log.ts'
export { closeCodes, type CloseCode } from './protocol/close-codes.ts'
