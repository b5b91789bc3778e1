import type { EventTrace, PartTrace } from '../event-trace.ts'
import type { Findings } from '../findings.ts'
import type { History, Journal, Observation } from '../journal.ts'

const DELETED = Number.POSITIVE_INFINITY

/** What everybody must have seen alike of one conversation. */
interface Seen {
  readonly immutable: Map<number, string>
  readonly parts: Map<string, string>
}

/**
 * What never changes of an event is the same for every reader, live, by catching up and from the
 * store; so is every version of a part; and nobody is taken back to an older version.
 */
export function checkSameness(
  history: History,
  journals: readonly Journal[],
  findings: Findings,
): void {
  const seen: Seen = { immutable: new Map(), parts: new Map() }
  for (const event of history.events) compare(seen, event, history, 'the history', findings)
  for (const { deviceId, observations } of journals) {
    const versions = new Map<string, number>()
    for (const observation of observations.get(history.conversationId) ?? []) {
      if (!('event' in observation)) continue
      compare(seen, observation.event, history, deviceId, findings)
      for (const part of observation.event.parts) {
        const name = `${part.target}/${part.part}`
        const before = versions.get(name) ?? 0
        // An edit of a deleted message has a seq, is told, and changes nothing: clients pass it over.
        if (part.isFinal || before === DELETED) versions.set(name, DELETED)
        else if (part.version < before && !isNews(observation, part)) {
          const step = `from version ${before} back to ${part.version}`
          findings.report('regressed', `${deviceId}: ${history.conversationId}/${name} ${step}`)
        } else versions.set(name, Math.max(before, part.version))
      }
    }
  }
}

/**
 * A change that a reader gets for the first time, and says what it made, may be of before what the
 * reader has caught up with: clients pass over it.
 */
function isNews(observation: Observation, { target, version }: PartTrace): boolean {
  if (observation.kind !== 'applied') return false
  return version === observation.event.seq || target === observation.event.seq
}

function compare(
  seen: Seen,
  event: EventTrace,
  { conversationId }: History,
  reader: string,
  findings: Findings,
): void {
  const first = seen.immutable.get(event.seq)
  if (first === undefined) seen.immutable.set(event.seq, event.immutable)
  else if (first !== event.immutable)
    findings.report('diverged', `${conversationId}/${event.seq} is another event for ${reader}`)
  for (const part of event.parts) {
    const name = nameOf(part)
    const known = seen.parts.get(name)
    if (known === undefined) seen.parts.set(name, part.hash)
    else if (known !== part.hash)
      findings.report('diverged', `${conversationId}/${name} is another part for ${reader}`)
  }
}

function nameOf({ target, part, version }: PartTrace): string {
  return `${target}/${part}@${version}`
}
