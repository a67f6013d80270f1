import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{persistence,server,editor,test}/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    testTimeout: 60_000,
  },
})
