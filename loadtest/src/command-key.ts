import type { CommandId } from '@satchel/protocol'

/** How journals, texts and reports name a command. */
export function commandKeyOf({ outbox, counter }: CommandId): string {
  return `${outbox}:${counter}`
}
