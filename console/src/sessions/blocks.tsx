import type { ShownBlock } from '../../../src/app/api/schema/conversation.ts'
import { InertText } from '../call/inert-text-view.tsx'
import { formatBytes, formatWhole } from '../number/format-number.ts'

/** Pieces of a turn. Whatever stands in them stays text. */
export function Blocks({ blocks }: { readonly blocks: readonly ShownBlock[] }) {
  let place = 0
  return blocks.map((block) => (
    <div className="block" data-kind={block.kind} key={place++}>
      <OneBlock block={block} />
    </div>
  ))
}

function OneBlock({ block }: { readonly block: ShownBlock }) {
  switch (block.kind) {
    case 'text':
      return <Words text={block.text} name="Text" cut={block.cut} />
    case 'thinking':
      return (
        <details>
          <summary>reasoning</summary>
          <Words text={block.text} name="Reasoning" cut={block.cut} />
        </details>
      )
    case 'tool_use':
      return (
        <>
          <p className="block-head">
            calls <span className="mono">{block.name}</span> <span className="secondary mono">{block.id}</span>
          </p>
          <Words text={block.input} name={`Input of ${block.name}`} cut={block.cut} />
        </>
      )
    case 'tool_result':
      return (
        <>
          <p className="block-head">
            {block.error ? 'tool failed' : 'tool result'} <span className="secondary mono">{block.id}</span>
          </p>
          <Blocks blocks={block.blocks} />
        </>
      )
    case 'media':
      return (
        <p>
          {block.what} {block.type}
          {block.bytes === 0 ? null : `, ${formatBytes(block.bytes)}`}
          {block.at === 'inline' || block.at === '' ? null : <span className="mono cell-text"> {block.at}</span>}
        </p>
      )
    default:
      return <p className="secondary">a block of type {block.type === '' ? 'unknown' : block.type}</p>
  }
}

interface WordsProps {
  readonly text: string
  readonly name: string
  readonly cut: number
}

function Words({ text, name, cut }: WordsProps) {
  return (
    <>
      <InertText text={text} name={name} />
      {cut === 0 ? null : (
        <p className="secondary small">{formatWhole(cut)} more characters: read the whole body at its call</p>
      )}
    </>
  )
}
