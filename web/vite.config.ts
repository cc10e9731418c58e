/// <reference types="vitest/config" />
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { ElementPlusResolver } from 'unplugin-vue-components/resolvers'
import Components from 'unplugin-vue-components/vite'
import { defineConfig } from 'vite'

// The API server the development and preview servers stand in front of.
const api = process.env.HUZHU_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [
    vue(),
    // <el-…> tags are imported one by one with their styles; our own components are imported by name.
    Components({ dirs: [], dts: false, resolvers: [ElementPlusResolver()] }),
  ],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { host: '127.0.0.1', port: 5173, proxy: { '/api': api } },
  preview: { host: '127.0.0.1', port: 4173, proxy: { '/api': api } },
  // Known beforehand, so that the development server does not reload while one clicks through the pages.
  optimizeDeps: { include: [
    'element-plus/es', 'dayjs', 'dayjs/locale/zh-cn', 'codemirror', '@codemirror/commands', '@codemirror/language', '@codemirror/legacy-modes/mode/toml', '@codemirror/lint', '@codemirror/merge', '@codemirror/state',
    '@codemirror/view', '@lezer/highlight', 'echarts/core', 'echarts/charts', 'echarts/components', 'echarts/renderers',
  ] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // ECharts alone, loaded with the first chart.
    chunkSizeWarningLimit: 600,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // The framework changes seldom: kept apart, a browser fetches it once.
            { name: 'vue', test: /node_modules[\\/](@vue|vue|vue-router|vue-i18n|@intlify|openapi-fetch)[\\/]/ },
          ],
        },
      },
    },
  },
  test: {
    environment: 'happy-dom',
    include: ['tests/**/*.test.ts'],
    setupFiles: ['tests/setup.ts'],
    server: { deps: { inline: ['element-plus'] } },
  },
})
