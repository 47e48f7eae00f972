/** The value of a JSON text; undefined when it is none. For texts from outside, whose form is checked next. */
export function parseJson(text: string | Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'))
  } catch {
    return undefined
  }
}
