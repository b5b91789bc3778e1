import { createGroup } from './create-group.ts'
import { eachOf } from './each-of.ts'
import type { Person } from './person.ts'

/** Connects them all, and makes groups of so many; gives the groups, of which the first member is the creator. */
export async function connectPeople(
  people: readonly Person[],
  groupSize: number,
): Promise<readonly (readonly Person[])[]> {
  await eachOf(people, (person) => person.connect())
  const groups = Array.from({ length: Math.ceil(people.length / groupSize) }, (_, index) =>
    people.slice(index * groupSize, (index + 1) * groupSize),
  )
  await eachOf(groups, (members) => createGroup(members))
  return groups
}
