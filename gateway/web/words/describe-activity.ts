import type { ActiveMembers } from '@satchel/client'
import { listWords } from './list-words.ts'

const DOING = {
  typing: 'typing',
  recording: 'recording a message',
  uploading: 'sending a file',
} as const

/** “Ann and Bob are typing…”; `undefined` when nobody does anything. */
export function describeActivity(
  active: ActiveMembers,
  nameOf: (userId: string) => string,
): string | undefined {
  const [first] = active
  if (first === undefined) return undefined
  const doing = [...active.values()].every((activity) => activity === first[1])
    ? DOING[first[1]]
    : 'busy here'
  const names = listWords([...active.keys()].map(nameOf))
  return `${names} ${active.size === 1 ? 'is' : 'are'} ${doing}…`
}
