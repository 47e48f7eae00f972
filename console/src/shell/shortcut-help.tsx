import { Modal } from '@mantine/core'
import { useState } from 'react'
import { keepLetters, lettersOn, shortcutTable } from './shortcuts.ts'

/** Every shortcut, from the list that the handlers use. */
export function ShortcutHelp({ opened, close }: { readonly opened: boolean; readonly close: () => void }) {
  const [letters, setLetters] = useState(lettersOn)
  return (
    <Modal opened={opened} onClose={close} title="Keyboard" closeButtonProps={{ 'aria-label': 'Close the help' }}>
      <dl className="shortcuts">
        {shortcutTable.map(({ keys, says }) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key} data-word={key.length > 1 || undefined}>
                  {key}
                </kbd>
              ))}
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={letters}
          onChange={(event) => {
            keepLetters(event.target.checked)
            setLetters(event.target.checked)
          }}
        />
        Single letters do something
      </label>
    </Modal>
  )
}
