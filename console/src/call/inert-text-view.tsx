import { ScrollBox } from '../states/scroll-box.tsx'
import { inertParts } from './inert-text.ts'

/** Recorded text as text nodes only: nothing in it becomes markup, a link or a picture. */
export function InertText({ text, name }: { readonly text: string; readonly name: string }) {
  let at = 0
  return (
    <ScrollBox className="inert" name={name}>
      <pre>
        {inertParts(text).map((part) => {
          const key = at
          at += part.text.length
          return part.escaped ? (
            <span key={key} className="escape">
              {part.text}
            </span>
          ) : (
            part.text
          )
        })}
      </pre>
    </ScrollBox>
  )
}
