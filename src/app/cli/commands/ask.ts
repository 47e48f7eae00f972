import { type AskAnswer, askSchema } from '../../api/schema/ask.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, number, paint, type Screen, time, usd } from '../print.ts'

/** `triptych ask who|model|consumption`. */
export async function askCommand(
  client: HubClient,
  question: string,
  options: Readonly<Partial<Record<'since' | 'until', string>>>,
  json: boolean,
  screen: Screen,
): Promise<void> {
  const query = new URLSearchParams(
    Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const answer = askSchema.parse(await client.get(`/ask/${encodeURIComponent(question)}?${query}`))
  screen.write(json ? `${JSON.stringify(answer)}\n` : describe(answer, screen))
}

const heads: Readonly<Record<string, readonly [string, string]>> = {
  who: ['person or principal', 'models'],
  model: ['model', 'users'],
  consumption: ['team / project', 'models'],
}

/** What nobody priced is unknown; where only some calls are, the sum is a least. */
function costText({ calls, unpriced, costMicroUsd }: AskAnswer['rows'][number]): string {
  if (unpriced === calls) return 'unknown'
  return unpriced > 0 ? `≥ ${usd(costMicroUsd)}` : usd(costMicroUsd)
}

function describe(answer: AskAnswer, screen: Screen): string {
  const [name, detail] = heads[answer.question] ?? ['name', 'detail']
  const rows = answer.rows.map((row) => [
    row.name || '(unknown)',
    number(row.calls),
    number(row.grave),
    number(row.tokens.input),
    number(row.tokens.output),
    number(row.tokens.cacheRead),
    number(row.tokens.cacheWrite),
    number(row.unmeasured),
    costText(row),
    number(row.unpriced),
    time(row.lastAt),
    answer.question === 'model'
      ? number(row.detail.length)
      : row.detail.map((model) => model.replace(/^anthropic\./, '')).join(' '),
  ])
  const table =
    answer.rows.length === 0
      ? 'No calls in this time. Try a longer --since.'
      : columns(
          [
            name,
            'calls',
            'to look at',
            'tokens in',
            'out',
            'cache read',
            'cache write',
            'unmeasured',
            'cost (USD)',
            'unpriced',
            'last (UTC)',
            detail,
          ],
          rows,
          [1, 2, 3, 4, 5, 6, 7, 8, 9],
        )
  return [
    `${paint(screen, 'bold', answer.asks)}  ${time(answer.since)} to ${time(answer.until)}${answer.simulated ? paint(screen, 'yellow', '   simulated account') : ''}`,
    '',
    table,
    '',
    `evidence: ${answer.evidence}`,
    ...answer.limits.map((limit) => `limit:    ${limit}`),
    '',
  ].join('\n')
}
