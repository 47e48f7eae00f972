import { writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Loaded before the program whose memory is measured: on SIGUSR2 it collects its garbage and writes down what is left.

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
process.on('SIGUSR2', () => {
  collect()
  // What the first round only unlinked goes with the second.
  setTimeout(() => {
    collect()
    writeFileSync(process.env['BENCH_MEMORY'] ?? '', JSON.stringify(process.memoryUsage()))
  }, 500)
})
