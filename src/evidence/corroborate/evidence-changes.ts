import { z } from 'zod'
import type { Engine } from '../store/engine.ts'
import type { StatePoint } from './coverage.ts'

const tag = { surface: 'corroborate.changes' }

/** One row per event that changes what AWS records; only successful ones change anything. */
const changes: ReadonlyMap<string, Pick<StatePoint, 'layer' | 'state' | 'reason'>> = new Map([
  ['StopLogging', { layer: 'access', state: 'off', reason: 'the trail was stopped (StopLogging)' }],
  ['DeleteTrail', { layer: 'access', state: 'off', reason: 'the trail was deleted (DeleteTrail)' }],
  ['StartLogging', { layer: 'access', state: 'on', reason: 'the trail was started (StartLogging)' }],
  [
    'UpdateTrail',
    { layer: 'access', state: 'unknown', reason: 'the trail was changed (UpdateTrail); not looked at since' },
  ],
  [
    'PutEventSelectors',
    {
      layer: 'access',
      state: 'unknown',
      reason: 'the selectors were changed (PutEventSelectors); not looked at since',
    },
  ],
  [
    'PutModelInvocationLoggingConfiguration',
    { layer: 'content', state: 'on', reason: 'invocation logging was switched on' },
  ],
  [
    'DeleteModelInvocationLoggingConfiguration',
    { layer: 'content', state: 'off', reason: 'invocation logging was switched off' },
  ],
])

const changeRow = z.object({
  event_name: z.string(),
  account: z.string(),
  region: z.string(),
  at_ms: z.coerce.number(),
})

/** Events in AWS's own trail that changed what is recorded, as the states they lead to. */
export async function evidenceChanges(engine: Engine, from: number, to: number): Promise<readonly StatePoint[]> {
  const rows = await engine.rows(
    changeRow,
    `SELECT event_name, account, region, toUnixTimestamp64Milli(ts) AS at_ms FROM v_access_events
     WHERE ts >= fromUnixTimestamp64Milli({from:Int64}) AND ts <= fromUnixTimestamp64Milli({to:Int64})
       AND event_name IN {names:Array(String)} AND error_code = ''`,
    { from, to, names: [...changes.keys()] },
    tag,
  )
  return rows.flatMap((row) => {
    const change = changes.get(row.event_name)
    return change === undefined
      ? []
      : [{ ...change, account: row.account, region: row.region, at: row.at_ms, source: 'change' as const }]
  })
}
