import type { EventKind, RequestedCommandKind, Seq } from '@satchel/protocol'
import type { EventTrace } from '../event-trace.ts'
import type { Findings } from '../findings.ts'
import type { History, Journal, JournaledAnswer, JournaledCommand } from '../journal.ts'

/** The event a command becomes; `undefined` for those that take no seq. */
const EVENT_OF: Readonly<Record<RequestedCommandKind, EventKind | undefined>> = {
  create_conversation: 'conversation_created',
  update_conversation: 'conversation_updated',
  delete_conversation: 'conversation_deleted',
  add_members: 'members_added',
  remove_member: 'member_removed',
  leave_conversation: 'member_left',
  set_role: 'role_changed',
  send_message: 'message_sent',
  edit_message: 'message_edited',
  delete_message: 'message_deleted',
  react: 'reaction_changed',
  pin_message: 'message_pinned',
  unpin_message: 'message_unpinned',
  set_member_settings: undefined,
}

/** Events that follow from something else: a direct conversation's first message, media, an erasure. */
const IMPLIED: ReadonlySet<EventKind> = new Set([
  'conversation_created',
  'members_added',
  'attachment_updated',
  'user_erased',
])

/** What is known of one command, put together from its answers and from what was seen of it. */
interface Case {
  readonly command: JournaledCommand
  readonly journal: Journal
  readonly final: JournaledAnswer | undefined
  /** Seqs that this command made, by whatever shows it. */
  readonly seqs: Set<Seq>
}

/**
 * Every acknowledged command is there exactly once, an unknown one at most once, a refused one never;
 * and every event was asked for by exactly one command.
 */
export function checkCommands(
  history: History,
  journals: readonly Journal[],
  findings: Findings,
): void {
  const cases = casesOf(history, journals, findings)
  const events = new Map(history.events.map((event) => [event.seq, event]))
  const claimed = new Map<Seq, Case>()
  for (const one of cases.values()) {
    checkCase(one, events, history, findings)
    for (const seq of one.seqs) {
      const other = claimed.get(seq)
      if (other !== undefined) {
        const keys = `${one.command.key} and ${other.command.key}`
        findings.report('duplicated', `${history.conversationId}/${seq} is the effect of ${keys}`)
      }
      claimed.set(seq, one)
    }
  }
  checkUnclaimed(history, cases, claimed, findings)
}

function casesOf(
  history: History,
  journals: readonly Journal[],
  findings: Findings,
): ReadonlyMap<string, Case> {
  const { conversationId } = history
  const cases = new Map<string, Case>()
  for (const journal of journals) {
    for (const command of journal.commands) {
      if (command.conversationId !== conversationId) continue
      const final = finalAnswer(command, findings)
      const seqs = new Set<Seq>()
      if (final?.kind === 'applied' && final.seq !== undefined) seqs.add(final.seq)
      cases.set(command.key, { command, journal, final, seqs })
    }
  }
  for (const event of history.events) addEvidence(cases, event)
  for (const { observations } of journals) {
    for (const observation of observations.get(conversationId) ?? []) {
      if ('event' in observation) addEvidence(cases, observation.event)
    }
  }
  return cases
}

/** The one final answer; a second one must say the same. */
function finalAnswer(
  { key, answers }: JournaledCommand,
  findings: Findings,
): JournaledAnswer | undefined {
  let final: JournaledAnswer | undefined
  for (const answer of answers) {
    if (answer.kind === 'accepted' || answer.kind === 'unknown') continue
    if (final !== undefined && JSON.stringify(final) !== JSON.stringify(answer)) {
      const both = `${JSON.stringify(final)}, then ${JSON.stringify(answer)}`
      findings.report('duplicated', `${key} was answered twice: ${both}`)
    }
    final ??= answer
  }
  return final
}

function addEvidence(cases: ReadonlyMap<string, Case>, event: EventTrace): void {
  if (event.commandKey !== undefined) {
    const one = cases.get(event.commandKey)
    // A first direct message makes two events, and both carry its command id.
    if (one !== undefined && EVENT_OF[one.command.kind] === event.kind) one.seqs.add(event.seq)
  }
  for (const { madeBy, version } of event.parts) {
    if (madeBy !== undefined) cases.get(madeBy)?.seqs.add(version)
  }
}

function checkCase(
  one: Case,
  events: ReadonlyMap<Seq, EventTrace>,
  { conversationId }: History,
  findings: Findings,
): void {
  const { command, journal, final, seqs } = one
  const about = `${command.kind} ${command.key} of ${journal.deviceId} in ${conversationId}`
  if (seqs.size > 1) findings.report('duplicated', `${about} has seqs ${[...seqs].join(', ')}`)
  if (final?.kind === 'rejected') {
    if (seqs.size > 0) findings.report('resurrected', `${about}: ${final.code}, but took effect`)
  } else if (final?.kind === 'applied') {
    if (final.seq !== undefined) checkEffect(one, events.get(final.seq), about, findings)
    else if (seqs.size > 0) findings.report('duplicated', `${about} has a seq it was not told`)
  } else if (seqs.size === 0 && command.answers.some(({ kind }) => kind === 'accepted'))
    findings.report('lost', `${about} was accepted and never decided`)
}

function checkEffect(
  { command, journal }: Case,
  event: EventTrace | undefined,
  about: string,
  findings: Findings,
): void {
  if (event === undefined) findings.report('lost', `${about}: its seq is not in the history`)
  else if (!isEffectOf(event, command, journal))
    findings.report('lost', `${about}: ${event.seq} is ${event.kind} of ${event.authorId}`)
}

function isEffectOf(event: EventTrace, command: JournaledCommand, journal: Journal): boolean {
  // Removing oneself is leaving.
  const kind = EVENT_OF[command.kind]
  const isKind = event.kind === kind || (kind === 'member_removed' && event.kind === 'member_left')
  if (!isKind || event.authorId !== journal.userId || event.target !== command.target) return false
  const own = event.parts.find(({ version }) => version === event.seq)
  return own?.madeBy === undefined || own.madeBy === command.key
}

/** Events nobody was told of: each needs a command whose answer never came, one for one. */
function checkUnclaimed(
  { conversationId, events }: History,
  cases: ReadonlyMap<string, Case>,
  claimed: ReadonlyMap<Seq, unknown>,
  findings: Findings,
): void {
  const open = [...cases.values()].filter(
    ({ final, seqs }) => final === undefined && seqs.size === 0,
  )
  for (const event of events) {
    if (claimed.has(event.seq) || IMPLIED.has(event.kind)) continue
    const index = open.findIndex(({ command, journal }) => isEffectOf(event, command, journal))
    if (index >= 0) open.splice(index, 1)
    else {
      const what = `${event.kind} of ${event.authorId}`
      findings.report('duplicated', `${conversationId}/${event.seq}: no command explains ${what}`)
    }
  }
}

/** Commands of one device in one conversation have seqs in the order in which they were sent. */
export function checkOrder(journal: Journal, findings: Findings): void {
  const last = new Map<string, { readonly key: string; readonly seq: Seq }>()
  for (const { conversationId, key, answers } of journal.commands) {
    const applied = answers.find((answer) => answer.kind === 'applied')
    if (applied?.seq === undefined) continue
    const before = last.get(conversationId)
    if (before !== undefined && applied.seq <= before.seq)
      findings.report(
        'reordered',
        `${journal.deviceId} in ${conversationId}: ${key} has ${applied.seq}, ${before.key} before it ${before.seq}`,
      )
    last.set(conversationId, { key, seq: applied.seq })
  }
}
