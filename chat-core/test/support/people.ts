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
