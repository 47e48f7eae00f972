import { verdicts } from '../../../record/verdict.ts'
import { type CoverageAnswer, coverageSchema } from '../../api/schema/coverage.ts'
import type { HubClient } from '../hub-client.ts'
import { columns, number, paint, type Screen, time, verdictMark } from '../print.ts'

/** `triptych coverage`: who could see what, and how the calls came out. */
export async function coverageCommand(
  client: HubClient,
  options: Readonly<Partial<Record<'since' | 'until', string>>>,
  json: boolean,
  screen: Screen,
): Promise<void> {
  const query = new URLSearchParams(
    Object.entries(options).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
  const answer = coverageSchema.parse(await client.get(`/coverage?${query}`))
  screen.write(json ? `${JSON.stringify(answer)}\n` : describe(answer, screen))
}

function describe(answer: CoverageAnswer, screen: Screen): string {
  const lines = [
    `${time(answer.since)} to ${time(answer.until)}${answer.simulated ? paint(screen, 'yellow', '   simulated account') : ''}`,
    '',
    columns(
      ['verdict', 'calls'],
      [
        ...verdicts.map((verdict) => [verdictMark(screen, verdict), number(answer.verdicts[verdict] ?? 0)]),
        ['total', number(answer.total)],
      ],
      [1],
    ),
    '',
    answer.places.length === 0
      ? 'No configuration snapshot of any account: layers 1 and 3 count as blind. Set `estate.regions` to have them looked at.'
      : columns(
          ['layer', 'account', 'region', 'complete h', 'blind h', 'unknown h'],
          answer.places.map(placeRow),
          [3, 4, 5],
        ),
    'An hour counts by its worst moment, and one that is only partly inside the time asked for counts as well.',
  ]
  const blind = answer.places.flatMap((place) =>
    place.spans
      .filter((span) => span.state === 'blind')
      .map((span) => [place.layer, place.account, place.region, `${time(span.from)} – ${time(span.until)}`, span.why]),
  )
  if (blind.length > 0) lines.push('', 'blind', columns(['layer', 'account', 'region', 'hours (UTC)', 'why'], blind))
  lines.push(
    '',
    columns(
      ['journal', 'records', 'first (UTC)', 'last (UTC)', 'holes', 'calls lost'],
      answer.journals.map(journalRow),
      [1, 5],
    ),
  )
  if (answer.gatewayLogs.length > 0)
    lines.push(
      '',
      columns(
        ['gateway log', 'calls', 'with AWS request id', 'first (UTC)', 'last (UTC)'],
        answer.gatewayLogs.map(({ gateway, calls, withRequestId, firstAt, lastAt }) => [
          gateway,
          number(calls),
          number(withRequestId),
          time(firstAt),
          time(lastAt),
        ]),
        [1, 2],
      ),
    )
  if (answer.journals.some((journal) => journal.lostCalls > 0))
    lines.push(
      'calls lost: AWS knows them under a call id of that gateway; they fall into a hole of its journal, or behind its end',
    )
  return `${lines.join('\n')}\n`
}

function placeRow(place: CoverageAnswer['places'][number]): readonly string[] {
  return [
    place.layer,
    place.account,
    place.region,
    number(place.hours.complete),
    number(place.hours.blind),
    number(place.hours.unknown),
  ]
}

function journalRow(journal: CoverageAnswer['journals'][number]): readonly string[] {
  const holes = journal.holes.map((hole) => `seq ${hole.afterSeq + 1}–${hole.beforeSeq - 1}`).join(', ')
  const { source, records, firstAt, lastAt, lostCalls } = journal
  return [source, number(records), time(firstAt), time(lastAt), holes || 'none', number(lostCalls)]
}
