import { type CloudTrailClient, ListPublicKeysCommand } from '@aws-sdk/client-cloudtrail'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { elsewhere, type FoundKey, foundIn, type KeySource, type PublicKey, publicKeyOf } from './public-keys.ts'

const hourMs = 3_600_000
/** Around a moment keys are asked for a day at a time: one question for all digests of that day. */
const dayMs = 24 * hourMs

/** Keys as CloudTrail itself lists them now, region by region, asked for when they are first needed. */
export function listedKeys(
  client: (region: string) => Pick<CloudTrailClient, 'send'>,
  regions: () => Iterable<string>,
): KeySource {
  const known = new Map<string, PublicKey[]>()
  const asked = new Map<string, Promise<void>>()
  const ask = (region: string, at: number): Promise<void> => {
    const day = Math.floor(at / dayMs)
    const name = `${region} ${day}`
    const running = asked.get(name) ?? list(client(region), region, day).then((keys) => keep(region, keys))
    asked.set(name, running)
    return running
  }
  const keep = (region: string, keys: readonly PublicKey[]) =>
    void known.set(region, [...(known.get(region) ?? []), ...keys])
  const look = (region: string, fingerprint: string) => foundIn(known.get(region) ?? [], fingerprint)
  return {
    async find(region, fingerprint, at): Promise<FoundKey> {
      const before = look(region, fingerprint)
      if (before !== undefined) return before
      await ask(region, at)
      const found = look(region, fingerprint)
      if (found !== undefined) return found
      for (const other of regions()) if (other !== region) await ask(other, at)
      return elsewhere(known, region, fingerprint)
    },
  }
}

async function list(
  client: Pick<CloudTrailClient, 'send'>,
  region: string,
  day: number,
): Promise<readonly PublicKey[]> {
  // A digest is signed soon after its window, so the hours around the day count too.
  const window = { StartTime: new Date(day * dayMs - hourMs), EndTime: new Date((day + 1) * dayMs + 2 * hourMs) }
  const { PublicKeyList = [] } = await client.send(new ListPublicKeysCommand(window)).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.name : 'unknown'
    throw new TriptychError('DIGEST_KEYS_UNAVAILABLE', { region, reason }, cause)
  })
  return PublicKeyList.flatMap(({ Value }) => (Value === undefined ? [] : [publicKeyOf(Value)]))
}
