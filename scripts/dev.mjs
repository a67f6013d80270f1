// Runs the server from sources on port 1234 and the web app through Vite, both reloading on changes.
import { spawn } from 'node:child_process'

const start = (...args) => spawn(process.execPath, args, { stdio: 'inherit' })
const children = [
  start('--import', 'tsx', '--watch', 'server/main.ts', ...process.argv.slice(2)),
  start('node_modules/vite/bin/vite.js'),
]
for (const child of children) child.on('exit', () => children.forEach((other) => other.kill()))
