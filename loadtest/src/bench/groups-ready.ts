import type { Act } from '../open-loop.ts'
import type { BenchConnection, BenchTarget } from './bench-target.ts'

const TEXT_BYTES = 100

/**
 * Makes groups of this size; gives what sends message number n, with its intended time as its text. Two that follow
 * each other are of different groups, and in each its members take turns: what comes at about the same time is for
 * different people, as it is anywhere with many groups. Connections are those of users from `firstUser` on.
 */
export async function groupsReady(
  target: BenchTarget,
  connections: readonly BenchConnection[],
  groupSize: number,
  firstUser = 0,
): Promise<Act> {
  const groups = groupsOf(connections.length, groupSize, firstUser)
  if (groups.length === 0)
    throw new RangeError(`${String(connections.length)} users are no group of ${String(groupSize)}`)
  await target.prepare(groups)
  return (index, intendedMs) => {
    const group = index % groups.length
    const member = Math.floor(index / groups.length) % groupSize
    connections[group * groupSize + member]?.send(group, textOf(intendedMs))
  }
}

function groupsOf(
  users: number,
  groupSize: number,
  firstUser: number,
): readonly (readonly number[])[] {
  return Array.from({ length: Math.floor(users / groupSize) }, (_, group) =>
    Array.from({ length: groupSize }, (_unused, index) => firstUser + group * groupSize + index),
  )
}

function textOf(intendedMs: number): string {
  return `${intendedMs.toFixed(3)} `.padEnd(TEXT_BYTES, 'x')
}
