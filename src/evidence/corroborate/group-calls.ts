import type { AccessWitness, Call, ContentWitness, GatewayWitness } from '../../record/call.ts'
import { isForeignGateway } from '../../record/foreign-call.ts'

/** Everything that was found for a set of keys. */
export interface Witnesses {
  readonly gateway: readonly GatewayWitness[]
  readonly access: readonly AccessWitness[]
  readonly content: readonly ContentWitness[]
}

/** A call and the key under which it is kept: its call id where a gateway sent it (of another product's, a digest), else the AWS request id. */
export interface KeyedCall {
  readonly key: string
  readonly call: Call
  /** Other keys under which parts of it may stand since before they met. */
  readonly otherKeys: readonly string[]
}

/**
 * The join. Rows meet on the AWS request id, and on the call id where its MAC is ours: two hinges, never time alone. A call id
 * that is not ours joins nothing, for anybody can write one.
 */
export function groupCalls(witnesses: Witnesses, isOurCallId: (id: string) => boolean): readonly KeyedCall[] {
  const sets = new DisjointSets()
  const ours = (id: string) => (id !== '' && isOurCallId(id) ? `c:${id}` : '')
  const request = (id: string) => (id === '' ? '' : `r:${id}`)
  for (const row of witnesses.gateway) sets.join(`c:${row.callId}`, request(row.awsRequestId))
  for (const row of witnesses.access) sets.join(request(row.requestId) || `e:${row.eventId}`, ours(row.callId))
  for (const row of witnesses.content) sets.join(request(row.requestId), ours(row.callId))

  const groups = new Map<string, { gateway: GatewayWitness[]; access: AccessWitness[]; content: ContentWitness[] }>()
  const groupOf = (token: string) => {
    const root = sets.rootOf(token)
    const found = groups.get(root) ?? { gateway: [], access: [], content: [] }
    groups.set(root, found)
    return found
  }
  for (const row of witnesses.gateway) groupOf(`c:${row.callId}`).gateway.push(row)
  for (const row of witnesses.access) groupOf(request(row.requestId) || `e:${row.eventId}`).access.push(row)
  for (const row of witnesses.content) groupOf(request(row.requestId)).content.push(row)
  return [...groups.values()].map((group) => keyed(group, isOurCallId))
}

function keyed(
  group: { gateway: GatewayWitness[]; access: AccessWitness[]; content: ContentWitness[] },
  isOurCallId: (id: string) => boolean,
): KeyedCall {
  const { access, content } = inOrder(group)
  const [gateway, ...others] = ownFirst(group.gateway)
  const told = [...access, ...content].map((row) => row.callId).find((id) => id !== '' && isOurCallId(id))
  const requestIds = [...new Set([...access, ...content].map((row) => row.requestId))].filter((id) => id !== '')
  const key = gateway?.callId ?? told ?? requestIds[0] ?? access[0]?.eventId ?? ''
  return {
    key,
    call: { gateway, access, content },
    otherKeys: [...requestIds, told ?? '', ...others.map((row) => row.callId)].filter((id) => id !== '' && id !== key),
  }
}

/** Where a gateway of ours and another product's logged one call, ours says more; else the first in the order of their ids. */
export function ownFirst(rows: readonly GatewayWitness[]): readonly GatewayWitness[] {
  const rank = (row: GatewayWitness) => `${isForeignGateway(row.gateway) ? 1 : 0}${row.callId}`
  return rows.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}

/** The rows of AWS's two witnesses in the order that every judgement and every screen takes them in. */
export function inOrder(rows: Pick<Witnesses, 'access' | 'content'>): Pick<Witnesses, 'access' | 'content'> {
  return {
    access: rows.access.toSorted((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1)),
    content: rows.content.toSorted((a, b) => a.at - b.at),
  }
}

/** Union–find over string tokens; an empty token joins nothing. */
class DisjointSets {
  readonly #parent = new Map<string, string>()

  join(a: string, b: string): void {
    if (a === '') return
    const left = this.rootOf(a)
    if (b === '') return
    const right = this.rootOf(b)
    if (left !== right) this.#parent.set(right, left)
  }

  rootOf(token: string): string {
    let root = token
    for (;;) {
      const parent = this.#parent.get(root)
      if (parent === undefined) break
      root = parent
    }
    for (let at = token; at !== root; ) {
      const next = this.#parent.get(at) ?? root
      this.#parent.set(at, root)
      at = next
    }
    return root
  }
}
