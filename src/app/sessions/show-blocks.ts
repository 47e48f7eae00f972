import type { Block } from '../../capture/content/conversation/block.ts'
import type { PlainBlock, ShownBlock } from '../api/schema/conversation.ts'

/** Characters of one block that an answer holds; the whole body is read at its call. */
const longestText = 20_000

/** Blocks as an answer shows them. */
export function showBlocks(blocks: readonly Block[]): ShownBlock[] {
  return blocks.map((block) =>
    block.kind === 'tool_result' ? { ...block, blocks: block.blocks.map(showPlain) } : showPlain(block),
  )
}

/** A result within a result is named, not shown: no client sends one. */
function showPlain(block: Block): PlainBlock {
  switch (block.kind) {
    case 'text':
    case 'thinking':
      return { kind: block.kind, text: shortened(block.text), cut: cutOf(block.text) }
    case 'tool_use':
      return { ...block, input: shortened(block.input), cut: cutOf(block.input) }
    case 'tool_result':
      return { kind: 'other', type: block.kind }
    default:
      return { ...block }
  }
}

function shortened(text: string): string {
  return text.slice(0, longestText)
}

function cutOf(text: string): number {
  return Math.max(0, text.length - longestText)
}
