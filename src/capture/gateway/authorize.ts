import { TriptychError } from '../../platform/triptych-error.ts'
import type { ModelId } from '../../record/model-id.ts'

/** Says whether a call may go out; throws when not. */
export type Authorize = (model: ModelId) => void

/**
 * Deny by default: the base model must match one of the allowed patterns (`*` stands for anything). An opaque id, whose model
 * cannot be known from its text, passes only when it is allowed by its own text.
 */
export function createAuthorize(allowed: readonly string[]): Authorize {
  const patterns = allowed.map((pattern) => new RegExp(`^${pattern.split('*').map(escapeForRegExp).join('.*')}$`))
  return (model) => {
    const name = model.model ?? model.asSent
    if (!patterns.some((pattern) => pattern.test(name))) throw new TriptychError('GATEWAY_MODEL_REFUSED')
  }
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
