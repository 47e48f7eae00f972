import { parseModelId } from '../../../record/model-id.ts'

/** A model in a log or a metric: whoever calls may write almost anything into an opaque id, so what is no base model is `other`. */
export function modelLabel(asSent: string): string {
  const model = parseModelId(asSent)?.model
  return model?.startsWith('anthropic.') === true ? model : 'other'
}
