import { Button, Popover } from '@mantine/core'
import type { CallsView } from '../view/calls-view.ts'
import { writeCallsView } from '../view/calls-view.ts'
import { type ColumnId, columnIds, defaultColumns } from '../view/column-ids.ts'
import { searchText } from '../view/search-text.ts'
import { isRelative } from '../view/window-view.ts'
import { columnTable } from './columns.tsx'
import { CopyButton } from './copy-button.tsx'
import { type Density, densities } from './density.ts'
import { ExportButton } from './export-button.tsx'

interface ToolsProps {
  readonly view: CallsView
  readonly answered: { readonly since: string; readonly until: string } | undefined
  readonly total: number | undefined
  readonly density: Density
  readonly setDensity: (density: Density) => void
  readonly setColumns: (columns: readonly ColumnId[] | undefined) => void
}

/** Columns and density, the link to exactly this, and the file of it. */
export function ListTools({ view, answered, total, density, setDensity, setColumns }: ToolsProps) {
  // A span that moves is frozen: whoever opens the link sees the same calls tomorrow.
  const frozen =
    answered !== undefined && isRelative(view.window) ? { since: answered.since, until: answered.until } : view.window
  const link = `${location.origin}/calls${searchText(writeCallsView({ ...view, window: frozen }))}`
  return (
    <div className="list-tools">
      <ColumnChooser
        shown={view.columns ?? defaultColumns}
        density={density}
        setDensity={setDensity}
        setColumns={setColumns}
      />
      <CopyButton text={link} what="the link" label="Copy link" />
      <ExportButton filters={view.filters} window={frozen} total={total} />
    </div>
  )
}

interface ChooserProps extends Pick<ToolsProps, 'density' | 'setDensity' | 'setColumns'> {
  readonly shown: readonly ColumnId[]
}

function ColumnChooser({ shown, density, setDensity, setColumns }: ChooserProps) {
  const toggle = (id: ColumnId) => {
    const next = columnIds.filter((one) => (one === id ? !shown.includes(one) : shown.includes(one)))
    setColumns(next.join() === defaultColumns.join() ? undefined : next)
  }
  return (
    <Popover position="bottom-end" trapFocus returnFocus transitionProps={{ duration: 0 }}>
      <Popover.Target>
        <Button aria-haspopup="dialog">Columns</Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns and density" className="chooser">
        <fieldset className="facet">
          <legend>Columns</legend>
          {columnIds.map((id) => (
            <label key={id} className="check">
              <input
                type="checkbox"
                checked={shown.includes(id)}
                disabled={id === 'time'}
                onChange={() => toggle(id)}
              />
              {columnTable[id].label}
            </label>
          ))}
        </fieldset>
        <fieldset className="facet">
          <legend>Rows</legend>
          {densities.map((one) => (
            <label key={one} className="check">
              <input type="radio" name="density" checked={density === one} onChange={() => setDensity(one)} />
              {one}
            </label>
          ))}
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  )
}
