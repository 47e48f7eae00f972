import { type HashGzip, hashGzip } from '../../../platform/gzip-hash.ts'
import type { DescribedSource } from '../../../platform/objects/object-source.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { discover } from './discover.ts'
import { placesOf } from './places.ts'
import type { KeySource } from './public-keys.ts'
import { RegionRecord } from './region-record.ts'
import type { RegionResult } from './region-result.ts'
import { validateRegion } from './validate-region.ts'

/** A tree of logs and digests, and how it is to be validated. Times in ms. */
export interface TreeToValidate {
  readonly source: DescribedSource
  /** The keys; the regions that the tree has are known when the first is asked for. */
  readonly keys: (regions: () => Iterable<string>) => KeySource
  /** `s3://bucket/prefix` that the source is a copy of. */
  readonly original?: string | undefined
  /** Where to go on, by account and region: the `settledUntil` of the time before. */
  readonly since?: ((account: string, region: string) => number | undefined) | undefined
  readonly until: number
  /** How long after its window a digest may come. */
  readonly toleranceMs: number
  /** Only these regions; each must have digests. */
  readonly regions?: readonly string[] | undefined
  /** Another way to hash log files than in this thread. */
  readonly hashGzip?: HashGzip | undefined
  readonly onProgress?: ((done: { readonly digests: number; readonly logs: number }) => void) | undefined
}

/**
 * Validates a tree, one account and region after the other, and gives each result as it is ready. Throws DIGEST_TREE_EMPTY where
 * nothing of CloudTrail lies, SOURCE_FAILED where it cannot be listed, DIGEST_KEYS_UNAVAILABLE where CloudTrail gives no keys.
 */
export async function* validateTree(tree: TreeToValidate): AsyncGenerator<RegionResult> {
  const { source, until, toleranceMs } = tree
  const places = placesOf(source.origin, tree.original)
  const { regions: found, strays } = await discover(source, places)
  if (found.length === 0) throw new TriptychError('DIGEST_TREE_EMPTY', { path: source.origin })
  const wanted = found.filter(({ region }) => tree.regions?.includes(region) ?? true)
  const keys = tree.keys(() => new Set(found.map(({ region }) => region)))
  const done = { digests: 0, logs: 0 }
  for (const folders of wanted) {
    const onProgress = ({ digests, logs }: typeof done) =>
      tree.onProgress?.({ digests: done.digests + digests, logs: done.logs + logs })
    const since = tree.since?.(folders.account, folders.region)
    const parts = { source, places, keys, strays, onProgress, hashGzip: tree.hashGzip ?? hashGzip }
    const result = await validateRegion(parts, folders, { since, until, toleranceMs })
    done.digests += result.counts.digests + result.counts.backfill
    done.logs += result.counts.logs
    yield result
  }
  const has = new Set(found.map(({ region }) => region))
  for (const region of tree.regions ?? []) if (!has.has(region)) yield nothingOf(region, source.origin)
}

function nothingOf(region: string, origin: string): RegionResult {
  const record = new RegionRecord('', region)
  record.find('no_digests', origin, 'nothing of this region lies there')
  return {
    base: '',
    account: '',
    region,
    trails: [],
    counts: record.counts,
    hours: [],
    findings: record.findings,
    notes: [],
    settledUntil: undefined,
  }
}
