import type { ForbiddenBytes } from '@satchel/chat-core/ports'
import { findDamage } from '../integrity/find-damage.ts'
import { findDifferences } from './find-differences.ts'
import type { Finding, FindingKind, Repair } from './finding.ts'
import { describeFinding } from './describe-finding.ts'
import type { ReconcileCommand } from './parse-reconcile-command.ts'
import type { ReconcileDeps } from './reconcile-deps.ts'
import { repairDifference } from './repair-difference.ts'
import { reprocessBlobs } from './reprocess-blobs.ts'
import { retryAttachment } from './retry-attachment.ts'

/** What goes because the catalogue does not know of it. */
const SWEPT: readonly FindingKind[] = [
  'object_without_row',
  'derived_without_blob',
  'mark_without_need',
]

export interface RunReconcileDeps extends ReconcileDeps {
  readonly forbidden: Pick<ForbiddenBytes, 'remove'>
  readonly write: (line: string) => void
}

/** What was found, by kind, and what was done about it. */
export interface ReconcileTotals {
  readonly found: Readonly<Partial<Record<FindingKind, number>>>
  readonly repairs: Readonly<Partial<Record<Repair, number>>>
}

/** Does what an operator asked for, writing as it goes; gives what is left to do: nothing is success. */
export async function runReconcile(
  deps: RunReconcileDeps,
  command: ReconcileCommand,
): Promise<'nothing_left' | 'something_left'> {
  switch (command.kind) {
    case 'report':
    case 'repair':
      return compare(deps, command)
    case 'scan':
      return scan(deps, command)
    case 'retry':
      return (await retryAttachment(deps, command.attachment)) ? 'nothing_left' : 'something_left'
    case 'allow':
      await deps.forbidden.remove(command.sha256)
      deps.write(`${command.sha256} is accepted again`)
      return 'nothing_left'
    case 'reprocess':
      await reprocessBlobs(deps, command)
      return 'nothing_left'
    default:
      return command satisfies never
  }
}

async function compare(
  deps: RunReconcileDeps,
  { kind, json }: Extract<ReconcileCommand, { readonly kind: 'report' | 'repair' | 'scan' }>,
): Promise<'nothing_left' | 'something_left'> {
  const repairOne = kind === 'repair' ? await repairer(deps) : () => undefined
  const found: Partial<Record<FindingKind, number>> = {}
  const repairs: Partial<Record<Repair, number>> = {}
  let left = 0
  for await (const finding of findDifferences(deps)) {
    found[finding.kind] = (found[finding.kind] ?? 0) + 1
    const repair = await repairOne(finding)
    if (repair !== undefined) repairs[repair] = (repairs[repair] ?? 0) + 1
    if (repair === undefined || repair === 'kept') left++
    deps.write(lineOf(finding, repair, json))
  }
  deps.write(json ? JSON.stringify({ found, repairs }) : totals({ found, repairs }))
  return left === 0 ? 'nothing_left' : 'something_left'
}

async function scan(
  deps: RunReconcileDeps,
  { json }: Extract<ReconcileCommand, { readonly kind: 'report' | 'repair' | 'scan' }>,
): Promise<'nothing_left' | 'something_left'> {
  const totals = { restored: 0, damaged: 0 }
  for await (const { blob, health } of findDamage(deps)) {
    totals[health]++
    deps.write(json ? JSON.stringify({ blob, health }) : `blob ${blob}: ${health}`)
  }
  const { restored, damaged } = totals
  const words = `${String(restored)} restored, ${String(damaged)} damaged`
  deps.write(json ? JSON.stringify(totals) : words)
  return damaged === 0 ? 'nothing_left' : 'something_left'
}

/** With a catalogue that knows of no bytes at all nothing is swept: it may be the wrong one, or an older one. */
async function repairer(deps: RunReconcileDeps): Promise<(finding: Finding) => Promise<Repair>> {
  const knowsNothing = await isEmpty(deps.catalogueWalk.blobs())
  return async (finding) => {
    return knowsNothing && SWEPT.includes(finding.kind) ? 'kept' : repairDifference(deps, finding)
  }
}

async function isEmpty(rows: AsyncIterable<unknown>): Promise<boolean> {
  for await (const _row of rows) return false
  return true
}

function lineOf(finding: Finding, repair: Repair | undefined, json: boolean): string {
  if (json) return JSON.stringify({ ...finding, repair })
  const description = describeFinding(finding)
  return repair === undefined ? description : `${description}: ${repair}`
}

function totals({ found, repairs }: ReconcileTotals): string {
  const count = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([what, times]) => `${String(times)} ${what}`)
      .join(', ')
  if (Object.keys(found).length === 0) return 'catalogue and bucket agree'
  const done = Object.keys(repairs).length === 0 ? '' : `; ${count(repairs)}`
  return `${count(found)}${done}`
}
