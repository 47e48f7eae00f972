import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { selectionParams } from '../api/queries.ts'
import { apiUrl } from '../api/request.ts'
import { countOf } from '../number/format-number.ts'
import type { Filters } from '../view/calls-view.ts'
import { defaultSince, type WindowView } from '../view/window-view.ts'
import { chipsOf } from './filter-words.ts'

interface ExportProps {
  readonly filters: Filters
  readonly window: WindowView
  readonly total: number | undefined
}

const formats = [
  { format: 'csv', says: 'CSV, for spreadsheets' },
  { format: 'jsonl', says: 'JSON Lines, for programs' },
] as const

/** Says what will be in the file before it starts. */
export function ExportButton({ filters, window, total }: ExportProps) {
  const [opened, setOpened] = useState(false)
  const chips = chipsOf(filters)
  return (
    <>
      <Button onClick={() => setOpened(true)}>Export</Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title="Export these calls"
        closeButtonProps={{ 'aria-label': 'Close without exporting' }}
      >
        <dl className="pairs">
          <dt>Span</dt>
          <dd className="mono">
            {window.since ?? defaultSince} – {window.until ?? 'now'}
          </dd>
          <dt>Filters</dt>
          <dd>{chips.length === 0 ? 'none' : chips.map(({ text }) => text).join('; ')}</dd>
          <dt>Rows</dt>
          <dd>{total === undefined ? 'unknown' : countOf(total, 'call')}, all columns</dd>
          <dt>Times</dt>
          <dd>RFC 3339 in UTC, whatever is shown here</dd>
        </dl>
        <p className="secondary">
          Aliases and metadata only. The export is an act in the hub’s own journal. Up to 1,000,000 rows; a file that
          was cut off says so at its end.
        </p>
        <div className="buttons">
          {formats.map(({ format, says }) => (
            <a
              key={format}
              className="button-link"
              href={apiUrl('/calls/export', { ...selectionParams({ window, filters }), format })}
              download={`triptych-calls.${format}`}
              onClick={() => setOpened(false)}
            >
              {says}
            </a>
          ))}
        </div>
      </Modal>
    </>
  )
}
