import { accessPatterns } from '../../record/access-event.ts'

/** `eventTime` as ISO 8601 with milliseconds (further digits cut off); undefined for any other form or a day that is none. */
export function eventTimeOf(text: string): string | undefined {
  const [, day, time, fraction] = accessPatterns.eventTime.exec(text) ?? []
  if (day === undefined || time === undefined) return undefined
  const iso = `${day}T${time}.${(fraction ?? '').padEnd(3, '0').slice(0, 3)}Z`
  const at = new Date(iso)
  return !Number.isNaN(at.getTime()) && at.toISOString() === iso ? iso : undefined
}
