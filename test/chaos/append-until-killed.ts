import { hash } from 'node:crypto'
import { join } from 'node:path'
import { openLedger } from '../../src/evidence/ledger/ledger.ts'
import { loadLedgerKey } from '../../src/evidence/ledger/ledger-key.ts'

// Appends to a log until it is killed, and says every checkpoint that it was given, as a reader would have seen it.

const [dir = '', salt = ''] = process.argv.slice(2)
const ledger = await openLedger(join(dir, 'ledger'), await loadLedgerKey(join(dir, 'ledger.key'), undefined))
const say = (note: string) => process.stdout.write(`${Buffer.from(note).toString('base64')}\n`)
say(ledger.latest().note)
for (let round = 0; ; round++) {
  const first = ledger.lastSeq('gateway-gw01') + 1
  const length = 1 + ((round * 37 + Number(salt)) % 300)
  // What a killed writer did not get under a checkpoint may come back as something else.
  const batch = Array.from({ length }, (_, i) => ({
    source: 'gateway-gw01',
    seq: first + i,
    type: 'call.intent',
    commit: hash('sha256', `${salt} ${first + i}`),
  }))
  const { checkpoint } = await ledger.append(batch)
  say(checkpoint.note)
}
