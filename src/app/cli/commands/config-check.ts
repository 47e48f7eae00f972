import { readPriceList } from '../../../capture/gateway/limits/price-list.ts'
import { readPolicy } from '../../../capture/gateway/policy/policy-file.ts'
import type { Config } from '../../config-schema.ts'

/** Reads what a configuration names, as the gateway would at its start. Throws POLICY_INVALID, PRICES_INVALID, FILE_UNREADABLE. */
export async function checkNamedFiles({ gateway }: Config): Promise<void> {
  if (gateway.policy !== undefined) await readPolicy(gateway.policy)
  await readPriceList(gateway.prices)
}
