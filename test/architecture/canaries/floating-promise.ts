import { join } from 'node:path'

async function append(): Promise<void> {
  return undefined
}

export function careless(value: any): unknown {
  append()
  return value
}
