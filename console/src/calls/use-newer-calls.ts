import { useCallback, useEffect, useRef, useState } from 'react'
import type { CallAnswer } from '../../../src/app/api/schema/call.ts'
import type { Verdict } from '../../../src/record/verdict.ts'
import { useLiveCalls } from '../api/live.tsx'
import type { Selection } from '../api/queries.ts'
import { matchesCall } from './match-call.ts'

const tellEveryMs = 5_000
const markedMs = 4_000

interface Parts {
  readonly selection: Selection
  readonly paused: boolean
  /** The moment of the newest row. */
  readonly newest: string | undefined
  /** Puts it into its row; answers what the verdict was, undefined without a row. */
  readonly patch: (call: CallAnswer) => Verdict | undefined
}

/** Counts the calls that came since the rows were fetched. Rows stay where they are; a row that was judged again is marked. */
export function useNewerCalls({ selection, paused, newest, patch }: Parts) {
  const keys = useRef(new Set<string>())
  const [newer, setNewer] = useState(0)
  const [changed, setChanged] = useState<ReadonlySet<string>>(new Set())
  const told = useTold(newer)
  const mark = useCallback((key: string) => {
    setChanged((before) => new Set(before).add(key))
    setTimeout(() => setChanged((before) => new Set([...before].filter((one) => one !== key))), markedMs)
  }, [])
  useLiveCalls(
    useCallback(
      (call) => {
        if (paused) return
        const before = patch(call)
        if (before !== undefined) {
          if (before !== call.verdict) mark(call.key)
          return
        }
        if (newest === undefined || call.at < newest || !matchesCall(call, selection.filters)) return
        keys.current.add(call.key)
        setNewer(keys.current.size)
      },
      [paused, patch, mark, newest, selection],
    ),
  )
  const clear = useCallback(() => {
    keys.current.clear()
    setNewer(0)
    setChanged(new Set())
  }, [])
  // Another list has other newer calls.
  const counted = useRef(selection)
  useEffect(() => {
    if (counted.current === selection) return
    counted.current = selection
    clear()
  }, [clear, selection])
  return { newer, told, changed, clear }
}

/** What is said aloud: not more than one message in five seconds. */
function useTold(newer: number): number {
  const [told, setTold] = useState(0)
  const latest = useRef(newer)
  latest.current = newer
  useEffect(() => {
    const timer = setInterval(() => setTold(latest.current), tellEveryMs)
    return () => clearInterval(timer)
  }, [])
  return newer === 0 ? 0 : told
}
