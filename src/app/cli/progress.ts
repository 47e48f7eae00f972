const progressEveryMs = 500

/** Long runs say on a terminal how far they are, twice a second; elsewhere nothing. */
export function showProgress(): { show(text: () => string): void; end(): void } {
  let shownAt = performance.now()
  let shown = false
  return {
    show(text) {
      if (process.stderr.isTTY !== true || performance.now() - shownAt < progressEveryMs) return
      shownAt = performance.now()
      shown = true
      process.stderr.write(`\r${text()} …`)
    },
    end() {
      if (shown) process.stderr.write('\r\u001b[K')
    },
  }
}
