import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  type EventSelector,
  GetEventSelectorsCommand,
  type GetEventSelectorsCommandOutput,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail'

/** What the configuration says of layer 1 in one region at this moment. */
export interface LayerSnapshot {
  readonly state: 'on' | 'off' | 'unknown'
  readonly reason: string
}

/**
 * Layer 1 is on in a region when some trail that covers it is logging and its selectors take all management events: a trail that
 * takes writes only drops inference, which is `readOnly: true` (CloudTrail API reference, GetEventSelectors).
 */
export async function trailSnapshot(client: Pick<CloudTrailClient, 'send'>, region: string): Promise<LayerSnapshot> {
  const described = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }))
  const trails = (described.trailList ?? []).filter(
    (trail) => trail.IsMultiRegionTrail === true || trail.HomeRegion === region,
  )
  if (trails.length === 0) return { state: 'off', reason: 'no trail covers this region' }
  const looked = await Promise.all(trails.map((trail) => lookAt(client, trail)))
  return (
    looked.find((found) => found.state === 'on') ?? looked[0] ?? { state: 'unknown', reason: 'no trail could be read' }
  )
}

async function lookAt(client: Pick<CloudTrailClient, 'send'>, trail: Trail): Promise<LayerSnapshot> {
  const name = trail.TrailARN ?? trail.Name
  const status = await client.send(new GetTrailStatusCommand({ Name: name }))
  if (status.IsLogging !== true) return { state: 'off', reason: 'the trail is stopped' }
  const selectors = await client.send(new GetEventSelectorsCommand({ TrailName: name }))
  if (!takesReads(selectors)) return { state: 'off', reason: 'the trail does not take read-only management events' }
  if (status.LatestDeliveryError !== undefined && status.LatestDeliveryError !== '')
    return { state: 'off', reason: 'the trail cannot deliver its files' }
  return { state: 'on', reason: 'the trail is logging all management events' }
}

function takesReads(selectors: GetEventSelectorsCommandOutput): boolean {
  const basic: readonly EventSelector[] = selectors.EventSelectors ?? []
  if (
    basic.some(
      (selector) =>
        selector.IncludeManagementEvents === true &&
        (selector.ReadWriteType === 'All' || selector.ReadWriteType === 'ReadOnly'),
    )
  )
    return true
  return (selectors.AdvancedEventSelectors ?? []).some((selector) => {
    const fields = selector.FieldSelectors ?? []
    const management = fields.some((field) => field.Field === 'eventCategory' && field.Equals?.includes('Management'))
    const readsOnly = fields.find((field) => field.Field === 'readOnly')
    return management && (readsOnly === undefined || readsOnly.Equals?.includes('true') === true)
  })
}
