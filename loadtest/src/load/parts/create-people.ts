import { createClientCodec } from '@satchel/protocol'
import type { PeopleShare } from '../divide-people.ts'
import { Person } from './person.ts'

/** Those of a share, not connected yet. */
export function createPeople(share: PeopleShare): readonly Person[] {
  const { firstUser, users, ports, tokenSecret } = share
  const codec = createClientCodec('msgpack')
  return Array.from({ length: users }, (_, index) => {
    const user = firstUser + index
    return new Person({ user, port: ports[user % ports.length] ?? 0, tokenSecret, codec })
  })
}
