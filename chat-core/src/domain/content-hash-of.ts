import type { AttachmentReference, RequestedCommand } from '@satchel/protocol'
import type { CommandContent } from './command.ts'
import { fnv1a32 } from './fnv.ts'

/**
 * 32-bit hash of what a command asks, the same for every repetition of it: FNV-1a over a canonical
 * form, keys sorted and absent fields left out. What the gateway adds does not count (what is known of
 * an attachment's bytes, who follows), because it may change between the first try and the next.
 */
export function contentHashOf(content: CommandContent | RequestedCommand): number {
  switch (content.kind) {
    case 'send_message':
      return hashOf({ ...content, attachments: content.attachments?.map(wordsOf) }, undefined)
    case 'react':
      return hashOf({ ...content, byFollower: undefined }, undefined)
    default:
      return hashOf(content, undefined)
  }
}

function wordsOf({ id, alt, caption, spoiler }: AttachmentReference) {
  return { id, alt, caption, spoiler }
}

// Each value starts with a letter for its type and ends where its length or a closing letter says,
// so that no two different values are fed to the hash as the same text.
function hashOf(value: unknown, state: number | undefined): number {
  if (typeof value === 'string') return fnv1a32(value, fnv1a32(`s${value.length}:`, state))
  if (Array.isArray(value)) {
    let hash = fnv1a32('[', state)
    for (const item of value) hash = hashOf(item, hash)
    return fnv1a32(']', hash)
  }
  if (typeof value !== 'object' || value === null) return fnv1a32(`p${String(value)};`, state)
  let hash = fnv1a32('{', state)
  const fields = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key]
    if (field !== undefined) hash = hashOf(field, hashOf(key, hash))
  }
  return fnv1a32('}', hash)
}
