import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { tokensPlugin } from './build/tokens-css.ts'

/** Where `npm run dev` finds a running hub. */
const hub = process.env['TRIPTYCH_HUB'] ?? 'http://127.0.0.1:8788'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tokensPlugin()],
  build: {
    outDir: 'dist',
    target: 'es2023',
    // The content security policy knows no data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': { target: hub, changeOrigin: true } } },
})
