import type { User, UserId } from '@satchel/protocol'
import { fnv1a32 } from '../../domain/fnv.ts'
import type { Users } from '../../ports/users.ts'
import { formatCell, parseStoredUserId, parseUser } from '../cell-value.ts'
import type { CassandraClient, CassandraRow, CassandraValue } from './cassandra-client.ts'

/** What somebody is found by. */
interface NameRow {
  readonly name: string
  readonly userId: UserId
}

/** Partitions of the names that begin with one letter; all of them are asked. For ever the same. */
const SHARDS = 16
/** Sorts behind every name. */
const LAST_CHARACTER = '\u{10ffff}'
/** Older than any profile: it never takes the place of one. */
const BARE_TIMESTAMP = 1n
const PROFILES_AT_ONCE = 100

/**
 * Profiles by id, and names (ids are names too) by their first letter, sharded by user. A name row only proposes:
 * what is found is what the profile says, so that a row which a dying process has left misleads nobody.
 * Timestamps are the writing process's time: of two profiles written at once by two processes either may stay,
 * and with it the data that was there before.
 */
export function openCassandraUsers(
  client: Pick<CassandraClient, 'keyspace' | 'read' | 'write'>,
): Users {
  const statements = statementsOn(client.keyspace)

  async function readOne(id: UserId): Promise<User | undefined> {
    const [user] = await client.read(statements.selectUser, [id], parseUserRow)
    return user
  }

  async function findNames(prefix: string, limit: number): Promise<readonly NameRow[]> {
    const shards = Array.from({ length: SHARDS }, (_, shard) => shard)
    const last = `${prefix}${LAST_CHARACTER}`
    const found = await Promise.all(
      shards.map((shard) =>
        client.read(
          statements.selectNames,
          [initialOf(prefix), shard, prefix, last, limit],
          parseName,
        ),
      ),
    )
    return found.flat().sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  return {
    async read(ids) {
      return Promise.all(ids.map(readOne))
    },
    async write(user) {
      await replaceUser(client, await readOne(user.id), user)
    },
    async writeOwn({ id, name, avatar }) {
      const former = await readOne(id)
      const user = { id, name, avatar, data: former?.data }
      await replaceUser(client, former, user)
      return user
    },
    async ensure(id) {
      if ((await readOne(id)) !== undefined) return
      for (const name of namesOf({ id }))
        await client.write(statements.insertName, nameRow(name, id))
      await client.write(statements.insertUser, [id, formatCell({ id })], BARE_TIMESTAMP)
    },
    async find(prefix, limit) {
      if (prefix === '') return client.read(statements.selectAnybody, [limit], parseUserRow)
      const wanted = prefix.toLowerCase()
      const ids = new Set((await findNames(wanted, limit)).map(({ userId }) => userId))
      const found: User[] = []
      for (const some of chunksOf([...ids], PROFILES_AT_ONCE)) {
        for (const user of await Promise.all(some.map(readOne)))
          if (user !== undefined && isNamed(user, wanted)) found.push(user)
        if (found.length >= limit) break
      }
      return found.slice(0, limit)
    },
  }
}

function statementsOn(keyspace: string) {
  const [users, names] = [`${keyspace}.users`, `${keyspace}.user_names`]
  const nameKey = 'initial = ? AND shard = ? AND'
  return {
    insertUser: `INSERT INTO ${users} (user, value) VALUES (?, ?)`,
    selectUser: `SELECT value FROM ${users} WHERE user = ?`,
    selectAnybody: `SELECT value FROM ${users} LIMIT ?`,
    insertName: `INSERT INTO ${names} (initial, shard, name, user) VALUES (?, ?, ?, ?)`,
    deleteName: `DELETE FROM ${names} WHERE ${nameKey} name = ? AND user = ?`,
    selectNames: `SELECT name, user FROM ${names} WHERE ${nameKey} name >= ? AND name <= ? LIMIT ?`,
  }
}

async function replaceUser(
  client: Pick<CassandraClient, 'keyspace' | 'write'>,
  former: User | undefined,
  user: User,
): Promise<void> {
  const { insertName, insertUser, deleteName } = statementsOn(client.keyspace)
  const current = namesOf(user)
  for (const name of current) await client.write(insertName, nameRow(name, user.id))
  await client.write(insertUser, [user.id, formatCell(user)])
  for (const name of former === undefined ? [] : namesOf(former)) {
    if (!current.includes(name)) await client.write(deleteName, nameRow(name, user.id))
  }
}

/** Lower case, without repeating itself. */
function namesOf({ id, name }: User): readonly string[] {
  const names = [id, name ?? ''].map((text) => text.toLowerCase())
  return [...new Set(names)].filter((text) => text !== '')
}

function isNamed(user: User, prefix: string): boolean {
  return namesOf(user).some((name) => name.startsWith(prefix))
}

function nameRow(name: string, id: UserId): CassandraValue[] {
  return [initialOf(name), fnv1a32(id) % SHARDS, name, id]
}

function initialOf(name: string): string {
  const [initial = ''] = name
  return initial
}

function* chunksOf<Item>(items: readonly Item[], size: number): Generator<readonly Item[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function parseUserRow(row: CassandraRow): User {
  return parseUser(row['value'] as Buffer)
}

function parseName(row: CassandraRow): NameRow {
  return { name: row['name'] as string, userId: parseStoredUserId(row['user'] as string) }
}
