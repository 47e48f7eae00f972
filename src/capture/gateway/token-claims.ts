import type { JWTPayload } from 'jose'
import { labelPattern } from '../../record/principal.ts'

const longestName = 256
const mostValues = 256

/** Reads claims as what they should be; what is missing, of another type or too long is as if it were not there. */
export interface ClaimReader {
  text(name: string, longest?: number): string | undefined
  label(name: string): string | undefined
  list(name: string | undefined): string[]
}

/** A reader of the claims of a verified token. */
export function readClaims(claims: JWTPayload): ClaimReader {
  const text = (name: string, longest = longestName) => {
    const value = claims[name]
    return typeof value === 'string' && value !== '' && value.length <= longest ? value : undefined
  }
  return {
    text,
    label(name) {
      const value = text(name)
      return value !== undefined && labelPattern.test(value) ? value : undefined
    },
    list(name) {
      const values = name === undefined ? undefined : claims[name]
      return Array.isArray(values) ? values.filter((value) => typeof value === 'string').slice(0, mostValues) : []
    },
  }
}
