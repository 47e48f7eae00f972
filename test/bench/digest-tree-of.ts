import { DigestTree, type TreeKey, treeKey } from '../fakes/digest-tree.ts'
import { eventOf } from './ingest.ts'

/** How the measured tree is made. */
export const benchShape = { region: 'us-east-1', logsPerHour: 40, recordsPerLog: 20 } as const

/** A tree of genuine sizes: log files of twenty events, forty an hour. */
export function benchTree(hours: number, from: number): { readonly tree: DigestTree; readonly key: TreeKey } {
  const tree = new DigestTree()
  const key = treeKey()
  tree.addChain({ ...benchShape, key, from, hours, record: eventOf })
  return { tree, key }
}
