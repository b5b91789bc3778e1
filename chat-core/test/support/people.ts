import { randomBytes } from 'node:crypto'
import { parseUserId, type UserId } from '@satchel/protocol'

/** The user of this id. */
export function personNamed(name: string): UserId {
  const id = parseUserId(name)
  if (id === undefined) throw new Error(`${name} is no user id`)
  return id
}

export const ALICE = personNamed('alice')
export const BOB = personNamed('bob')
export const CAROL = personNamed('carol')

/** Somebody whom no other test knows, for stores that tests share; the id begins with `name`. */
export function newPerson(name = 'person'): UserId {
  return personNamed(`${name}-${randomBytes(6).toString('hex')}`)
}
