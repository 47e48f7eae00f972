import { codeParts } from './code-parts.ts'

/** A sentence of the hub, with its commands and keys as code. */
export function Sentence({ text }: { readonly text: string }) {
  return codeParts(text).map((part) => (part.code ? <code key={part.at}>{part.text}</code> : part.text))
}
