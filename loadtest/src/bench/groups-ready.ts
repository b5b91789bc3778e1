import type { Act } from '../open-loop.ts'
import type { BenchConnection, BenchTarget } from './bench-target.ts'

const TEXT_BYTES = 100

/**
 * Makes groups of this size; gives what sends message number n: from one connection after the other, to its group,
 * with its intended time as its text. Connections are those of users from `firstUser` on.
 */
export async function groupsReady(
  target: BenchTarget,
  connections: readonly BenchConnection[],
  groupSize: number,
  firstUser = 0,
): Promise<Act> {
  await target.prepare(groupsOf(connections.length, groupSize, firstUser))
  return (index, intendedMs) => {
    const user = index % connections.length
    connections[user]?.send(Math.floor(user / groupSize), textOf(intendedMs))
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
