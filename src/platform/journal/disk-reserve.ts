import { statfs } from 'node:fs/promises'

/** Room on the journal's disk that is kept for what runs already: its outcomes must still find a place when calls no longer go out. */
export interface DiskReserve {
  /** Whether less than this share (0 to 1) of the reserve is free, as of the last look. */
  isBelow(share: number): boolean
  /** Looks now. Never throws: of a disk that cannot be asked the last answer holds, and a write that fails says the rest. */
  look(): Promise<void>
  close(): void
}

/** The part of `fs.statfs` that is needed. */
export type StatFs = (path: string) => Promise<{ readonly bavail: number; readonly bsize: number }>

const everyMs = 1_000

/**
 * Watches the free space of the file system that holds `path`, once a second, never per call.
 * @param bytes the reserve; 0 keeps none and watches nothing
 */
export async function watchReserve(path: string, bytes: number, ask: StatFs = statfs): Promise<DiskReserve> {
  let free = Number.POSITIVE_INFINITY
  let asking: Promise<void> | undefined
  const askOnce = async () => {
    try {
      const { bavail, bsize } = await ask(path)
      free = bavail * bsize
    } catch {
      // The last answer holds.
    } finally {
      asking = undefined
    }
  }
  const look = () => {
    asking ??= askOnce()
    return asking
  }
  if (bytes === 0) return { isBelow: () => false, look: async () => undefined, close: () => undefined }
  await look()
  const timer = setInterval(() => void look(), everyMs)
  timer.unref()
  return { isBelow: (share) => free < bytes * share, look, close: () => clearInterval(timer) }
}
