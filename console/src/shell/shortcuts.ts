import { useEffect } from 'react'

/** One shortcut: what is pressed, and what it does in words. One list feeds handlers, hints and the help. */
export const shortcutTable = [
  { keys: 'g o', says: 'go to the overview' },
  { keys: 'g c', says: 'go to the calls' },
  { keys: 'g v', says: 'go to the coverage' },
  { keys: '/', says: 'find a call by its id' },
  { keys: 'j', says: 'next call of the list' },
  { keys: 'k', says: 'previous call of the list' },
  { keys: 'enter', says: 'open the call that is looked at' },
  { keys: 'escape', says: 'close what lies on top; undo the last zoom' },
  { keys: '?', says: 'this help' },
] as const
/** What is pressed. */
export type ShortcutKeys = (typeof shortcutTable)[number]['keys']

const kept = 'triptych.letters'

/** Whether single letters do something; whoever dictates or uses other tools can turn them off. */
export function lettersOn(): boolean {
  return localStorage.getItem(kept) !== 'off'
}

/** Keeps the choice. */
export function keepLetters(on: boolean): void {
  localStorage.setItem(kept, on ? 'on' : 'off')
}

type Actions = Readonly<Partial<Record<ShortcutKeys, () => void>>>

const chordMs = 1_500
/** Who wants to be told; the one that came last is asked first. */
const active = new Set<Actions>()

/** Listens for the whole console; the answer ends it. Nothing fires while somebody writes or a dialog is open. */
export function listenForShortcuts(): () => void {
  let before = { key: '', at: 0 }
  const press = (event: KeyboardEvent) => {
    if (isSpokenFor(event)) return
    const key = event.key.toLowerCase()
    const chord = event.timeStamp - before.at < chordMs ? `${before.key} ${key}` : key
    before = { key, at: event.timeStamp }
    const action = actionFor(chord) ?? actionFor(key)
    if (action === undefined) return
    event.preventDefault()
    action()
  }
  window.addEventListener('keydown', press)
  return () => window.removeEventListener('keydown', press)
}

function actionFor(pressed: string): (() => void) | undefined {
  const keys = shortcutTable.find((row) => row.keys === pressed)?.keys
  if (keys === undefined) return undefined
  return [...active].reverse().find((actions) => actions[keys] !== undefined)?.[keys]
}

function isSpokenFor(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  if (event.key.length === 1 && !lettersOn()) return true
  if (event.key === 'Enter' && event.target instanceof HTMLElement && /^(A|BUTTON|SUMMARY)$/.test(event.target.tagName))
    return true
  return isWriting(event.target) || document.querySelector('[role="dialog"]') !== null
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Runs what belongs to a shortcut while the component is shown; give it the same object from render to render. */
export function useShortcuts(actions: Actions): void {
  useEffect(() => {
    active.add(actions)
    return () => {
      active.delete(actions)
    }
  }, [actions])
}
