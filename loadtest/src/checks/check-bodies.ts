import type { Seq } from '@satchel/protocol'
import type { Findings } from '../findings.ts'
import type { History } from '../journal.ts'

interface Last {
  readonly version: Seq
  readonly isDeleted: boolean
}

/** Every message reads as its last edit left it, or its deletion: no later read finds an older text. */
export function checkBodies({ conversationId, events }: History, findings: Findings): void {
  const lasts = lastChanges(events)
  for (const { seq, parts } of events) {
    const body = parts.find(({ target, part }) => target === seq && part === 'body')
    const last = lasts.get(seq)
    if (body === undefined || last === undefined) continue
    if (body.version === last.version && body.isFinal === last.isDeleted) continue
    const found = `version ${body.version}${body.isFinal ? ' (deleted)' : ''}`
    const wanted = `${last.version}${last.isDeleted ? ' (deleted)' : ''}`
    findings.report('lost', `${conversationId}/${seq} reads as ${found}, not ${wanted}`)
  }
}

/** A deletion stands, whatever edits come after it. */
function lastChanges(events: History['events']): ReadonlyMap<Seq, Last> {
  const lasts = new Map<Seq, Last>()
  for (const { kind, seq, target } of events) {
    if (kind === 'message_sent') lasts.set(seq, { version: seq, isDeleted: false })
    if (target === undefined || lasts.get(target)?.isDeleted === true) continue
    if (kind === 'message_edited') lasts.set(target, { version: seq, isDeleted: false })
    if (kind === 'message_deleted') lasts.set(target, { version: seq, isDeleted: true })
  }
  return lasts
}
