import type { ConversationId } from '@satchel/protocol'
import { build, type Histogram } from 'hdr-histogram-js'
import { checkBodies } from './checks/check-bodies.ts'
import { checkCommands, checkOrder } from './checks/check-commands.ts'
import { checkHistory } from './checks/check-history.ts'
import { checkReader } from './checks/check-reader.ts'
import { checkReactions } from './checks/check-reactions.ts'
import { checkSameness } from './checks/check-sameness.ts'
import { Findings, type Breakage } from './findings.ts'
import type { History, Journal, JournaledCommand } from './journal.ts'

export interface CheckReport extends Readonly<Record<Breakage, number>> {
  readonly passed: boolean
  readonly conversations: number
  /** Commands whose effect was acknowledged, with or without a seq. */
  readonly acknowledged: number
  readonly rejected: number
  /** Commands that waited long enough to be told they are durable, whatever became of them. */
  readonly accepted: number
  /** Commands that never got a final answer. */
  readonly unknown: number
  /** Events that clients showed, and how often they got one again, or one that left a hole. */
  readonly shown: number
  readonly repeated: number
  readonly gaps: number
  readonly resets: number
  /** From when a command should have been sent to when others showed its event, in milliseconds. */
  readonly latencyMs: Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>
  readonly descriptions: readonly string[]
}

/**
 * Compares what every client of a run asked for and saw with the conversations as they are now. Pure:
 * the same journals and histories give the same report.
 */
export function checkRun(journals: readonly Journal[], histories: readonly History[]): CheckReport {
  const findings = new Findings()
  const known = new Set(histories.map(({ conversationId }) => conversationId))
  for (const history of histories) {
    const { conversationId } = history
    const concerned = journals.filter(
      ({ commands, observations }) =>
        observations.has(conversationId) ||
        commands.some((command) => command.conversationId === conversationId),
    )
    checkHistory(history, findings)
    checkBodies(history, findings)
    // Where histories are open reactions have no events.
    if (!history.isOpen) checkReactions(history, findings)
    checkCommands(history, concerned, findings)
    checkSameness(history, concerned, findings)
    for (const journal of concerned) {
      // Who only sends shows nothing.
      if (journal.observations.size > 0) checkReader(history, journal, findings)
    }
  }
  for (const journal of journals) {
    checkOrder(journal, findings)
    checkWithoutHistory(journal, known, findings)
  }
  return {
    passed: findings.total === 0,
    ...findings.counts,
    conversations: histories.length,
    ...countCommands(journals),
    ...countObservations(journals),
    latencyMs: latencyOf(journals),
    descriptions: findings.descriptions,
  }
}

/** A conversation nobody can read must be one in which nothing was acknowledged. */
function checkWithoutHistory(
  { deviceId, commands }: Journal,
  known: ReadonlySet<ConversationId>,
  findings: Findings,
): void {
  for (const { key, conversationId, answers } of commands) {
    if (known.has(conversationId) || !answers.some(({ kind }) => kind === 'applied')) continue
    findings.report('lost', `${deviceId}: ${key} was applied in ${conversationId}, which is gone`)
  }
}

function countCommands(
  journals: readonly Journal[],
): Pick<CheckReport, 'acknowledged' | 'rejected' | 'accepted' | 'unknown'> {
  const counts = { acknowledged: 0, rejected: 0, accepted: 0, unknown: 0 }
  for (const { commands } of journals) {
    for (const { answers } of commands) {
      if (answers.some(({ kind }) => kind === 'accepted')) counts.accepted++
      if (answers.some(({ kind }) => kind === 'applied')) counts.acknowledged++
      else if (answers.some(({ kind }) => kind === 'rejected')) counts.rejected++
      else counts.unknown++
    }
  }
  return counts
}

function countObservations(
  journals: readonly Journal[],
): Pick<CheckReport, 'shown' | 'repeated' | 'gaps' | 'resets'> {
  const counts = { shown: 0, repeated: 0, gaps: 0, resets: 0 }
  for (const { observations } of journals) {
    for (const { kind } of [...observations.values()].flat()) {
      if (kind === 'applied') counts.shown++
      else if (kind === 'repeated') counts.repeated++
      else if (kind === 'gap') counts.gaps++
      else if (kind === 'reset') counts.resets++
    }
  }
  return counts
}

function latencyOf(journals: readonly Journal[]): CheckReport['latencyMs'] {
  const sent = new Map<string, JournaledCommand>()
  for (const { commands } of journals) {
    for (const command of commands) {
      const applied = command.answers.find((answer) => answer.kind === 'applied')
      if (applied?.seq !== undefined) sent.set(`${command.conversationId}/${applied.seq}`, command)
    }
  }
  const histogram: Histogram = build({ highestTrackableValue: 3_600_000 })
  for (const { observations } of journals) {
    for (const [conversationId, seen] of observations) {
      for (const observation of seen) {
        if (observation.kind !== 'applied') continue
        const command = sent.get(`${conversationId}/${observation.event.seq}`)
        if (command !== undefined)
          histogram.recordValue(Math.max(0, Math.round(observation.atMs - command.intendedMs)))
      }
    }
  }
  return {
    p50: histogram.getValueAtPercentile(50),
    p90: histogram.getValueAtPercentile(90),
    p99: histogram.getValueAtPercentile(99),
    max: histogram.maxValue,
  }
}
