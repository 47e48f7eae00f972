import { useMediaQuery } from '@mantine/hooks'
import { useNavigate } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { FieldRow } from '../../../src/app/api/schema/call-detail.ts'
import { countOf } from '../number/format-number.ts'
import { ScrollBox } from '../states/scroll-box.tsx'
import { witnessRows } from '../verdict/witness-table.ts'
import { useWords } from '../view/use-words.ts'
import { FieldCell } from './field-cell.tsx'
import { differs, groupLabels, groupsOf, isSilent } from './field-groups.ts'
import type { MaskedSetting } from './masked-words.tsx'

interface TableProps {
  readonly rows: readonly FieldRow[]
  readonly masked: MaskedSetting
}

/** Three records of one call, field by field. On a narrow screen each field is a block of three named lines. */
export function TriptychTable({ rows, masked }: TableProps) {
  const narrow = useMediaQuery('(max-width: 900px)', undefined, { getInitialValueInEffect: false })
  const words = useWords()
  const navigate = useNavigate()
  const differing = rows.filter(differs)
  const said = rows.filter((row) => !isSilent(row))
  const wanted = words['fields'] ?? (narrow && differing.length > 0 ? 'differing' : 'said')
  const only = wanted === 'differing'
  const shown = only ? differing : wanted === 'all' ? rows : said
  const choose = (fields: 'differing' | 'said' | 'all') =>
    void navigate({ to: '.', search: { ...words, fields }, state: true, replace: true, resetScroll: false })
  return (
    <>
      <label className="check">
        <input type="checkbox" checked={only} onChange={() => choose(only ? 'said' : 'differing')} />
        Differences only ({differing.length})
      </label>
      {shown.length === 0 ? <p className="secondary">No field differs between the records that there are.</p> : null}
      {narrow ? <Blocks rows={shown} masked={masked} /> : <Wide rows={shown} masked={masked} />}
      {rows.length > shown.length ? (
        <button type="button" className="link-button" onClick={() => choose(only ? 'said' : 'all')}>
          {only
            ? `Show ${countOf(said.length - shown.length, 'other field')}`
            : `Show ${countOf(rows.length - shown.length, 'field')} of which no witness says anything`}
        </button>
      ) : null}
    </>
  )
}

function Wide({ rows, masked }: TableProps) {
  if (rows.length === 0) return null
  return (
    <ScrollBox name="The three witnesses">
      <table className="triptych">
        <thead>
          <tr>
            <th scope="col">Field</th>
            {witnessRows.map(({ layer: panel, name, says }) => (
              <th key={panel} scope="col">
                {name} <span className="secondary">{says}</span>
              </th>
            ))}
          </tr>
        </thead>
        {groupsOf(rows).map(({ group, fields }) => (
          <tbody key={group}>
            <tr className="triptych-group">
              <th scope="rowgroup" colSpan={4}>
                {groupLabels[group]}
              </th>
            </tr>
            {fields.map((row) => (
              <tr key={row.field} data-differs={differs(row) || undefined}>
                <th scope="row">
                  <FieldName row={row} />
                </th>
                {witnessRows.map(({ layer: panel }) => (
                  <td key={panel}>
                    <FieldCell row={row} panel={panel} masked={masked} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </ScrollBox>
  )
}

function Blocks({ rows, masked }: TableProps) {
  return (
    <div className="field-blocks">
      {groupsOf(rows).map(({ group, fields }) => (
        <section key={group} aria-label={groupLabels[group]}>
          <h3>{groupLabels[group]}</h3>
          {fields.map((row) => (
            <div key={row.field} className="field-block" data-differs={differs(row) || undefined}>
              <h4>
                <FieldName row={row} />
              </h4>
              <dl>
                {witnessRows.map(({ layer: panel, name }) => (
                  <Fragment key={panel}>
                    <dt>{name}</dt>
                    <dd>
                      <FieldCell row={row} panel={panel} masked={masked} />
                    </dd>
                  </Fragment>
                ))}
              </dl>
            </div>
          ))}
        </section>
      ))}
    </div>
  )
}

/** The name, its unit, and what a comparison came to and is worth. */
function FieldName({ row }: { readonly row: FieldRow }) {
  const { label, unit, compared } = row
  return (
    <>
      {label}
      {unit === undefined || unit === 'ms' ? '' : ` (${unit})`}
      {compared === undefined ? null : (
        <span className="compared" data-agree={compared.agree}>
          {compared.agree ? '= agree' : '≠ differ'},{' '}
          <span
            title={
              compared.strength === 'independent'
                ? 'the witnesses say it of their own knowledge'
                : 'one of the witnesses was told it by the other'
            }
          >
            {compared.strength}
          </span>
        </span>
      )}
    </>
  )
}
