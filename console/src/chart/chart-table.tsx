import type { HistogramAnswer } from '../../../src/app/api/schema/call.ts'
import { formatWhole } from '../number/format-number.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import { TimeText } from '../time/zone.tsx'
import { countByGroup, groupTable, verdictGroups } from '../verdict/verdict-table.ts'

interface TableProps {
  readonly id: string
  readonly answer: HistogramAnswer
  readonly choose: (since: string, until: string) => void
}

/** The bars as numbers; a row leads to the same stretch as its bar. */
export function ChartTable({ id, answer, choose }: TableProps) {
  const rows = answer.buckets.filter(({ calls }) => Object.keys(calls).length > 0)
  return (
    <details id={id} className="chart-table">
      <summary>The bars as a table</summary>
      <ScrollBox name="Calls over time">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              {verdictGroups.map((group) => (
                <th key={group} scope="col" className="number">
                  {groupTable[group].label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ from, calls }) => {
              const counts = countByGroup(calls)
              const until = new Date(Date.parse(from) + answer.bucketMs).toISOString()
              return (
                <tr key={from}>
                  <th scope="row">
                    <button type="button" className="link-button" onClick={() => choose(from, until)}>
                      <TimeText at={from} />
                    </button>
                  </th>
                  {verdictGroups.map((group) => (
                    <td key={group} className="number">
                      {formatWhole(counts[group])}
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </ScrollBox>
    </details>
  )
}
