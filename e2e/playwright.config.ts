import { defineConfig } from '@playwright/test'

// One server with the demonstration, one browser: Debian's Chromium, without what it would fetch by itself.
const port = 18_080 + (process.pid % 1000)

export default defineConfig({
  testDir: '.',
  testMatch: '*.story.ts',
  workers: 1,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  globalSetup: './server.ts',
  use: {
    browserName: 'chromium',
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 8000,
    screenshot: 'only-on-failure',
    permissions: ['camera'],
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
        '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream',
      ],
    },
  },
  metadata: { port },
})
