import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { useConversation } from '../conversation/conversation-context.ts'
import { EVERYBODY } from '../message/split-text.ts'
import type { Mentionable } from '../message/split-text.ts'
import { useMembers } from '../people/use-members.ts'
import { useSession } from '../session/session-context.ts'

export interface Mentions {
  /** Everybody who can be named here. */
  readonly people: readonly Mentionable[]
  /** Who fits what is being typed behind an `@`. */
  readonly matches: readonly Mentionable[]
  readonly selected: number
  readonly select: (index: number) => void
  readonly choose: (person: Mentionable) => void
  readonly dismiss: () => void
}

const SHOWN = 6
const EVERYONE: Mentionable = { id: EVERYBODY, name: EVERYBODY.slice(1) }

/** Suggestions while a name is typed behind an `@`. */
export function useMentions(
  area: RefObject<HTMLTextAreaElement | null>,
  text: string,
  setText: (text: string) => void,
): Mentions {
  const { conversation } = useConversation()
  const { me, names } = useSession()
  const isShared = conversation.kind !== 'direct'
  const members = useMembers(isShared ? conversation : undefined)
  const [selected, select] = useState(0)
  const [dismissed, setDismissed] = useState('')
  const at = area.current?.selectionStart ?? text.length
  const typed = /(?:^|\s)@([^\s@]{0,32})$/u.exec(text.slice(0, at))?.[1]
  useEffect(() => select(0), [typed])

  const people = members
    .filter(({ userId }) => userId !== me.id)
    .map(({ userId }) => ({ id: userId, name: names.nameOf(userId) }))
  const isOpen = isShared && typed !== undefined && dismissed !== text
  const matches = isOpen ? complete(typed, [...people, EVERYONE]) : []
  return {
    people,
    matches,
    selected: Math.min(selected, Math.max(matches.length - 1, 0)),
    select,
    choose: ({ name }) => {
      const start = at - (typed?.length ?? 0)
      setText(`${text.slice(0, start)}${name} ${text.slice(at)}`)
      area.current?.focus()
    },
    dismiss: () => setDismissed(text),
  }
}

/** Who may be meant. A whole name needs no completion: Enter behind it sends. */
function complete(typed: string, people: readonly Mentionable[]): readonly Mentionable[] {
  const prefix = typed.toLocaleLowerCase()
  const fitting = people.filter(({ name }) => startsWord(name, prefix))
  const isWhole = fitting.length === 1 && fitting[0]?.name.toLocaleLowerCase() === prefix
  return isWhole ? [] : fitting.slice(0, SHOWN)
}

function startsWord(name: string, prefix: string): boolean {
  return name
    .toLocaleLowerCase()
    .split(/\s+/)
    .some((word) => word.startsWith(prefix))
}
