import { benchApi } from './api.ts'
import { benchConsole } from './console.ts'
import { benchContent } from './content.ts'
import { benchDigests } from './digests.ts'
import { benchGateway } from './gateway.ts'
import { benchIngest } from './ingest.ts'
import { benchLedger } from './ledger.ts'
import { machine } from './machine.ts'
import { benchMillion } from './million.ts'
import { benchOpenStreams } from './open-streams.ts'
import { benchRivals } from './rivals.ts'
import { benchSoak } from './soak.ts'
import { benchStart } from './start.ts'
import { benchStreams } from './streams.ts'
import { benchWorkers } from './workers.ts'

// `npm run bench`: all figures; `npm run bench -- NAME`: one.

const benches: Readonly<Record<string, () => Promise<object>>> = {
  gateway: () => benchGateway(),
  rivals: () => benchRivals(),
  streams: benchStreams,
  'open-streams': benchOpenStreams,
  workers: benchWorkers,
  ingest: () => benchIngest(),
  content: () => benchContent(),
  ledger: () => benchLedger(),
  start: benchStart,
  soak: benchSoak,
  million: benchMillion,
  api: () => benchApi(),
  console: benchConsole,
  digests: () => benchDigests(),
}
// Ten minutes long: only when it is asked for.
const long: readonly string[] = ['soak', 'million']
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(benches, name))
if (unknown !== undefined) {
  process.stderr.write(`no bench ${unknown}; there are ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
process.stdout.write(`${machine()}\n`)
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 ? !wanted.includes(name) : long.includes(name)) continue
  process.stdout.write(`\n${name}\n`)
  for (const [figure, value] of Object.entries(await bench()))
    process.stdout.write(`  ${figure}: ${typeof value === 'number' ? value.toLocaleString('en-US') : value}\n`)
}
process.exit(0)
