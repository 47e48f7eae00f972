import { useEffect } from 'react'

/** One shortcut: what is pressed, and what it does in words. One list feeds handlers, hints and the help. */
export const shortcutTable = [
  { keys: 'g o', says: 'go to the overview' },
  { keys: 'g c', says: 'go to the calls' },
  { keys: 'g s', says: 'go to the sessions' },
  { keys: 'g v', says: 'go to the coverage' },
  { keys: '/', says: 'find a call by its id, from any page' },
  { keys: 'j', says: 'next call of the list' },
  { keys: 'k', says: 'previous call of the list' },
  { keys: 'enter', says: 'open the call that is looked at' },
  { keys: 'escape', says: 'close what lies on top; undo the last zoom; from a call back to the list' },
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
/** What the page that is shown does; the part that came last is asked first. */
const ofPage = new Set<Actions>()
/** What every page does where it says nothing else. */
const everywhere = new Set<Actions>()
/** Pressed on a page that could only lead to the one that does it. */
let passedOn: ShortcutKeys | undefined

/** Listens for the whole console; start it before anything that takes keys for itself. Nothing fires while somebody writes or a dialog is open. */
export function listenForShortcuts(): void {
  let before = { key: '', at: 0 }
  let covered = false
  // A dialog that Escape closes is gone when the key comes up: whether one was there is seen on the way down.
  window.addEventListener(
    'keydown',
    () => {
      covered = document.querySelector('[role="dialog"]') !== null
    },
    { capture: true },
  )
  window.addEventListener('keydown', (event) => {
    if (covered || isSpokenFor(event)) return
    const key = event.key.toLowerCase()
    const chord = event.timeStamp - before.at < chordMs ? `${before.key} ${key}` : key
    before = { key, at: event.timeStamp }
    const action = actionFor(chord) ?? actionFor(key)
    if (action === undefined) return
    event.preventDefault()
    passedOn = undefined
    action()
  })
}

/** The page that is shown next does it, as if it were pressed there. */
export function passOn(keys: ShortcutKeys): void {
  passedOn = keys
}

/** What a key or chord does now. */
export function actionFor(pressed: string): (() => void) | undefined {
  const keys = shortcutTable.find((row) => row.keys === pressed)?.keys
  if (keys === undefined) return undefined
  const asked = [...[...ofPage].reverse(), ...everywhere]
  return asked.find((actions) => actions[keys] !== undefined)?.[keys]
}

function isSpokenFor(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true
  if (event.key.length === 1 && !lettersOn()) return true
  if (
    event.key === 'Enter' &&
    event.target instanceof HTMLElement &&
    /^(A|BUTTON|SUMMARY|INPUT)$/.test(event.target.tagName)
  )
    return true
  return isWriting(event.target)
}

/** A box that is ticked takes no text: with the focus on it keys still do what they say. */
function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

/** Adds what belongs to shortcuts, and does what was passed on to it; the answer takes it out again. */
export function addShortcuts(actions: Actions, reach: 'page' | 'everywhere' = 'page'): () => void {
  const own = reach === 'page' ? ofPage : everywhere
  own.add(actions)
  const waiting = reach === 'page' && passedOn !== undefined ? actions[passedOn] : undefined
  if (waiting !== undefined) {
    passedOn = undefined
    waiting()
  }
  return () => {
    own.delete(actions)
  }
}

/** Runs what belongs to a shortcut while the component is shown; give it the same object from render to render. */
export function useShortcuts(actions: Actions, reach: 'page' | 'everywhere' = 'page'): void {
  useEffect(() => addShortcuts(actions, reach), [actions, reach])
}
