/** The order of loads. Whoever works through rows by batch never misses one: a batch counts when all before it are done. */
export interface BatchNumbers {
  /** The number of a load whose rows follow at once: higher than any before, also after a restart. Gaps are normal. */
  nextBatch(): Promise<number>
  /** A load of several steps: `lastBatch` stays below its number until it ended, well or not. */
  withBatch<Result>(load: (batch: number) => Promise<Result>): Promise<Result>
  /** The highest number such that no load at or below it is under way. */
  lastBatch(): Promise<number>
}

const progressName = 'store.batch'
/** Numbers reserved at a time, so that not every load writes. */
const reserveAtOnce = 256

/** Batch numbers kept in the store itself. One process hands them out. */
export async function openBatchNumbers(
  progress: (name: string) => Promise<string | undefined>,
  setProgress: (name: string, value: string) => Promise<void>,
): Promise<BatchNumbers> {
  let last = Number((await progress(progressName)) ?? 0)
  let reserved = last
  let turn: Promise<unknown> = Promise.resolve()
  const running = new Set<number>()

  async function take(underWay: boolean): Promise<number> {
    if (last >= reserved) {
      await setProgress(progressName, String(last + reserveAtOnce))
      reserved = last + reserveAtOnce
    }
    last++
    // Marked in the same step: `lastBatch` must not see the number before it is known to be under way.
    if (underWay) running.add(last)
    return last
  }
  function number(underWay: boolean): Promise<number> {
    const taken = turn.then(() => take(underWay))
    turn = taken.catch(() => undefined)
    return taken
  }
  return {
    nextBatch: () => number(false),
    async withBatch(load) {
      const batch = await number(true)
      try {
        return await load(batch)
      } finally {
        running.delete(batch)
      }
    },
    async lastBatch() {
      await turn
      return Math.min(last, ...[...running].map((batch) => batch - 1))
    },
  }
}
