import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{persistence,server,editor,test,faults}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    testTimeout: 60_000,
  },
})
