import { resolve } from 'node:path'
import type { AwsClients } from '../../platform/aws/clients.ts'
import { directoryPlace } from '../../platform/shipping/directory-place.ts'
import { s3Place } from '../../platform/shipping/s3-place.ts'
import type { ShipPlace } from '../../platform/shipping/ship-place.ts'

/** The place behind a configured directory or s3:// address. */
export function shipPlaceAt(
  aws: Pick<AwsClients, 's3'>,
  { s3, directory }: { readonly s3?: string | undefined; readonly directory?: string | undefined },
): ShipPlace {
  return s3 === undefined ? directoryPlace(resolve(directory ?? '')) : s3Place(aws.s3, s3)
}
