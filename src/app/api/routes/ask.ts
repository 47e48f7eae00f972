import { Hono } from 'hono'
import { sumUsage, type UsageGrouping } from '../../../evidence/store/queries/usage.ts'
import { TriptychError } from '../../../platform/triptych-error.ts'
import { graveVerdicts } from '../../../record/verdict.ts'
import type { HubServices } from '../../hub-services.ts'
import { type ApiEnv, noteAnswer } from '../answer-context.ts'
import { paramsOf, parseParams, parseWindow, windowOnly } from '../parse-query.ts'

/** One row per question: what it asks in words, and what the answer does not cover. */
const questions: Readonly<Record<UsageGrouping, { readonly asks: string; readonly limits: readonly string[] }>> = {
  who: {
    asks: 'Who used Claude on Bedrock?',
    limits: [
      'A person is an alias here; names are shown only to an investigator with a reason.',
      'A call that went round the gateway is counted under its IAM principal: AWS does not know the person.',
      'Where CloudTrail was blind, a call that went round the gateway is not seen at all: see `triptych coverage`.',
    ],
  },
  model: {
    asks: 'Which models were used?',
    limits: ['An application inference profile is opaque until it is resolved: it stands under its own ARN.'],
  },
  consumption: {
    asks: 'How much was used, by which team and project?',
    limits: [
      'Team and project come from verified claims or from the service key; a call without them is under "(no team)".',
      'A call whose tokens nobody measured is counted under `unmeasured` and missing from the sums; it is never taken for zero.',
      'Cost follows the price list of the gateway on the day of the call, not an invoice; a call without a price or a count is `unpriced` and missing from the sum.',
    ],
  },
}

/** The questions that auditors ask, answered with numbers and with their limits. */
export function askRoutes(hub: HubServices): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>()
  routes.get('/:question', async (context) => {
    const question = asQuestion(context.req.param('question'))
    const window = parseWindow(parseParams(windowOnly, paramsOf(context)), hub.clock.now())
    await noteAnswer(hub, context, `api.ask.${question}`)
    const rows = await sumUsage(hub.engine, question, window, graveVerdicts, `api.ask.${question}`)
    return context.json({
      question,
      asks: questions[question].asks,
      since: new Date(window.since).toISOString(),
      until: new Date(window.until).toISOString(),
      simulated: hub.status().simulated,
      rows,
      evidence: 'all calls that went upstream, joined from the gateway’s journal, CloudTrail and the invocation log',
      limits: questions[question].limits,
    })
  })
  return routes
}

function asQuestion(text: string): UsageGrouping {
  if (text === 'who' || text === 'model' || text === 'consumption') return text
  throw new TriptychError('QUERY_INVALID', { field: 'question', reason: 'one of who, model, consumption' })
}
