import type { Seq, UserId } from '@satchel/protocol'
import type { Findings } from '../findings.ts'
import type { History, Journal, Observation } from '../journal.ts'

/** From a user's joining event to the one that ended it; `end` is absent for who is still there. */
export interface Stay {
  readonly start: Seq
  readonly end: Seq | undefined
}

/** When a user was a member, read off the history. */
export function staysOf(history: History, userId: UserId): readonly Stay[] {
  const stays: Stay[] = []
  let start: Seq | undefined
  for (const { seq, joined, left, ends } of history.events) {
    if (joined.includes(userId)) start ??= seq
    if (start !== undefined && (ends || left.includes(userId))) {
      stays.push({ start, end: seq })
      start = undefined
    }
  }
  if (start !== undefined) stays.push({ start, end: undefined })
  return stays
}

/**
 * What a device showed of a conversation is a prefix without holes: it begins where its user joined
 * (or where the server told it to begin), goes on one by one, and ends at the head if the user is
 * still a member.
 */
export function checkReader(history: History, journal: Journal, findings: Findings): void {
  const stays = staysOf(history, journal.userId)
  const about = `${journal.deviceId} in ${history.conversationId}`
  let last = 0
  for (const observation of journal.observations.get(history.conversationId) ?? []) {
    if (observation.kind === 'applied')
      checkShown(observation.event.seq, last, { stays, about, isOpen: history.isOpen }, findings)
    else if (observation.kind === 'replayed' && observation.seq > last)
      findings.report(
        'holes',
        `${about}: was told to have all up to ${observation.seq}, has ${last}`,
      )
    else if (observation.kind === 'reset' && observation.seq < last)
      findings.report('lost', `${about}: showed ${last} when the head was ${observation.seq}`)
    last = positionAfter(observation, last)
  }
  const stay = stays.at(-1)
  if (stay !== undefined && stay.end === undefined && last !== history.head.seq)
    findings.report('holes', `${about}: ends at ${last}, the head is ${history.head.seq}`)
}

interface Reading {
  readonly stays: readonly Stay[]
  readonly isOpen: boolean
  readonly about: string
}

function checkShown(
  seq: Seq,
  last: Seq,
  { stays, isOpen, about }: Reading,
  findings: Findings,
): void {
  if (seq !== last + 1 && !stays.some(({ start }) => start === seq))
    findings.report('holes', `${about}: showed ${seq} after ${last}`)
  const isAllowed = stays.some(
    ({ start, end = Number.POSITIVE_INFINITY }) => (isOpen || seq >= start) && seq <= end,
  )
  if (!isAllowed) findings.report('leaked', `${about}: showed ${seq}, which is not for its user`)
}

function positionAfter(observation: Observation, last: Seq): Seq {
  switch (observation.kind) {
    case 'applied':
      return observation.event.seq
    case 'reset':
      return observation.seq
    case 'repeated':
    case 'gap':
    case 'replayed':
      return last
    default:
      return observation satisfies never
  }
}
