import type { User, UserId } from '@satchel/protocol'
import type { Users } from '../../ports/users.ts'
import { afterPrefix } from './cell-key.ts'
import { formatCell, parseUser } from '../cell-value.ts'
import type { Cells, EmbeddedStore } from './embedded-store.ts'
import type { StoreTransaction } from './store-transaction.ts'

/** Profiles by id, and ids by the words people are looked up with. */
export function openEmbeddedUsers(store: Pick<EmbeddedStore, 'databases' | 'write'>): Users {
  const { users, userNames } = store.databases
  return {
    async read(ids) {
      return ids.map((id) => readUser(users, id))
    },
    async write(user) {
      await store.write((transaction) =>
        replaceUser(transaction, formerUser(transaction, user), user),
      )
    },
    async writeOwn({ id, name, avatar }) {
      let user: User = { id }
      await store.write((transaction) => {
        const former = formerUser(transaction, user)
        user = { id, name, avatar, data: former?.data }
        replaceUser(transaction, former, user)
      })
      return user
    },
    async ensure(id) {
      const key = Buffer.from(id)
      if (users.get(key) !== undefined) return
      await store.write((transaction) => {
        transaction.putIfAbsent(users, key, formatCell({ id }))
        writeNames(transaction, { id })
      })
    },
    async find(prefix, limit) {
      const start = Buffer.from(prefix.toLowerCase())
      const found = new Map<string, User>()
      for (const { value } of userNames.getRange({ start, end: afterPrefix(start) })) {
        if (found.size >= limit) break
        const id = Buffer.from(value).toString()
        const bytes = found.has(id) ? undefined : users.get(Buffer.from(id))
        if (bytes !== undefined) found.set(id, parseUser(bytes))
      }
      return [...found.values()]
    },
  }
}

function readUser(users: Cells, id: UserId): User | undefined {
  const bytes = users.get(Buffer.from(id))
  return bytes === undefined ? undefined : parseUser(bytes)
}

function formerUser(transaction: StoreTransaction, { id }: User): User | undefined {
  const stored = transaction.read(transaction.databases.users, Buffer.from(id))
  return stored === undefined ? undefined : parseUser(stored)
}

function replaceUser(transaction: StoreTransaction, former: User | undefined, user: User): void {
  const { users, userNames } = transaction.databases
  if (former?.name !== undefined) transaction.remove(userNames, nameKey(former.name, user.id))
  transaction.put(users, Buffer.from(user.id), formatCell(user))
  writeNames(transaction, user)
}

function writeNames(transaction: StoreTransaction, { id, name }: User): void {
  const { userNames } = transaction.databases
  const value = Buffer.from(id)
  transaction.put(userNames, nameKey(id, id), value)
  if (name !== undefined) transaction.put(userNames, nameKey(name, id), value)
}

function nameKey(name: string, id: UserId): Buffer {
  return Buffer.from(`${name.toLowerCase()}\0${id}`)
}
