import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { newConversationId, type ConversationId } from '@satchel/protocol'
import fc from 'fast-check'
import type {
  CassandraClient,
  CassandraRow,
  CassandraValue,
} from '../../../src/adapters/cassandra/cassandra-client.ts'
import { conversationJobId } from '../../../src/adapters/cassandra/conversation-job-id.ts'
import { openCassandraConversationStore } from '../../../src/adapters/cassandra/conversation-store.ts'
import { openEmbeddedConversationStore } from '../../../src/adapters/embedded/conversation-store.ts'
import { openEmbeddedStore } from '../../../src/adapters/embedded/embedded-store.ts'
import { openEmbeddedInbox } from '../../../src/adapters/embedded/inbox.ts'
import { openEmbeddedMarks } from '../../../src/adapters/embedded/marks.ts'
import { openEmbeddedMentions } from '../../../src/adapters/embedded/mentions.ts'
import { openEmbeddedTimeline } from '../../../src/adapters/embedded/timeline.ts'
import { commitOf, type PositionedDecision } from '../../../src/owner/commit-of.ts'
import type { ConversationCommit } from '../../../src/ports/conversation-store.ts'
import { PEOPLE, arbitraryStory, type Story } from '../../domain/arbitrary-commands.ts'
import { ConversationRun } from '../../domain/conversation-run.ts'
import { cassandraPortsOf, type CommitPorts } from '../../support/cassandra-ports.ts'
import { sharedClients, startCassandraOfFile } from '../../support/real-cassandra.ts'
import { RecordedJobs } from '../../support/recorded-jobs.ts'
import { openTemporaryFolder } from '../../support/temporary-folder.ts'

/** How one owner goes on. */
interface Turn {
  /** Commands in its next commit. */
  readonly folded: number
  /** Writes and jobs of the commit that happen before it dies; it lives when they are more than there are. */
  readonly diesAfter: number
  /** What it had left to do happens after all, so many turns later; or never. */
  readonly late: number
}

/** As many as a crowded machine gets done in time; a failure tells its seed. */
const RUNS = {
  numRuns: 60,
  interruptAfterTimeLimit: 30_000,
  includeErrorInReport: true,
  endOnFailure: true,
}
const ALL = { after: 0, upTo: 1_000, limit: 1_000 }

const arbitraryTurns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({
    folded: fc.integer({ min: 1, max: 8 }),
    diesAfter: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Infinity)),
    late: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(Infinity)),
  }),
  { minLength: 4, maxLength: 12 },
)

const servers = await startCassandraOfFile()
if (servers !== undefined) {
  const clients = sharedClients(servers)

  test('what a generation that was given up had begun to write gives way to what is decided instead', async () => {
    const [client, other] = clients()
    const id = newConversationId('group')
    const jobs = new RecordedJobs()
    // Greater bytes than what follows: with equal timestamps they would stay.
    const givenUp = saying(id, 1, 'zzz, a text that was given up, and nobody was ever told of')
    assert.equal(await commitUntilDeath(client, jobs, givenUp, 1), false)
    await openCassandraConversationStore({ client, jobs }).commit(saying(id, 2, 'hi'))
    const [event] = await cassandraPortsOf(other).timeline.read(id, ALL)
    const content = event?.content
    assert.equal(content?.kind === 'message_sent' && content.body.text, 'hi')
    assert.equal(event?.authorId, PEOPLE[1])
  })

  test('owners that die between any two writes, come back late and fold otherwise leave what one that never failed leaves', async (context) => {
    const reference = await openReference(context)
    await fc.assert(
      fc.asyncProperty(arbitraryStory(), arbitraryTurns, async (story, turns) => {
        const id = newConversationId('group')
        const decided = decisionsOf(story)
        for (const one of decided) await reference.conversations.commit(commitOf(id, [one]))
        const jobs = await commitWithFaults(clients()[0], id, decided, turns)
        const [, other] = clients()
        assert.deepEqual(
          await everythingOf(cassandraPortsOf(other), id),
          await everythingOf(reference, id),
        )
        assert.deepEqual([...jobs.jobs.keys()].toSorted(), jobIdsOf(decided))
      }),
      RUNS,
    )
  })
}

/** The first message of a conversation, as the owner of this generation commits it. */
function saying(
  conversationId: ConversationId,
  generation: number,
  text: string,
): ConversationCommit {
  const body = { version: 1, text }
  const authorId = PEOPLE[generation - 1]!
  return {
    ...{ conversationId, rows: [], marks: [], parts: [], reactions: [] },
    ...{ inbox: [], mentions: [], jobs: [] },
    events: [{ seq: 1, ordinal: 1, timeMs: 1, authorId, content: { kind: 'message_sent', body } }],
    position: { generation, record: generation === 1 ? 9 : 1, index: 0 },
  }
}

/** As one owner after the other does: each begins where the stored state stands. */
async function commitWithFaults(
  client: CassandraClient,
  id: ConversationId,
  decided: readonly PositionedDecision[],
  turns: readonly Turn[],
): Promise<RecordedJobs> {
  const jobs = new RecordedJobs()
  const store = openCassandraConversationStore({ client, jobs })
  let late: { readonly commit: ConversationCommit; readonly turn: number }[] = []
  for (let turn = 0; ; turn++) {
    for (const { commit } of late.filter((one) => one.turn <= turn)) await store.commit(commit)
    late = late.filter((one) => one.turn > turn)
    const position = (await store.read(id))?.position.record ?? 0
    const { folded, diesAfter, late: lateness } = turns[turn % turns.length]!
    const next = decided.filter((one) => one.position.record > position).slice(0, folded)
    if (next.length === 0) break
    const commit = commitOf(id, next)
    // After many deaths somebody lives.
    if (turn > 40 || (await commitUntilDeath(client, jobs, commit, diesAfter))) {
      await store.commit(commit)
    } else {
      late.push({ commit, turn: turn + lateness })
    }
  }
  for (const { commit, turn } of late) if (turn < Infinity) await store.commit(commit)
  return jobs
}

/** True when the commit came to its end. */
async function commitUntilDeath(
  client: CassandraClient,
  jobs: RecordedJobs,
  commit: ConversationCommit,
  diesAfter: number,
): Promise<boolean> {
  const mortal = new Mortal(client, jobs, diesAfter)
  try {
    await openCassandraConversationStore({ client: mortal, jobs: mortal }).commit(commit)
    return true
  } catch (error) {
    if (error instanceof DeathError) return false
    throw error
  }
}

class DeathError extends Error {}

/** Does so many writes, and nothing afterwards. */
class Mortal {
  readonly keyspace: string
  readonly #client: CassandraClient
  readonly #jobs: RecordedJobs
  #left: number

  constructor(client: CassandraClient, jobs: RecordedJobs, left: number) {
    this.keyspace = client.keyspace
    this.#client = client
    this.#jobs = jobs
    this.#left = left
  }

  read<Row>(
    statement: string,
    values: readonly CassandraValue[],
    parse: (row: CassandraRow) => Row,
  ): Promise<readonly Row[]> {
    return this.#client.read(statement, values, parse)
  }

  async writeTogether(...writes: Parameters<CassandraClient['writeTogether']>): Promise<void> {
    this.#spend()
    await this.#client.writeTogether(...writes)
  }

  async enqueue(...job: Parameters<RecordedJobs['enqueue']>): Promise<void> {
    this.#spend()
    await this.#jobs.enqueue(...job)
  }

  #spend(): void {
    if (this.#left-- <= 0) throw new DeathError()
  }
}

function decisionsOf({ id, commands }: Story): readonly PositionedDecision[] {
  const run = new ConversationRun(id)
  return commands.flatMap(({ command, timeMs }, index) => {
    const decision = run.apply(command, timeMs)
    const changesNothing = decision.rows.length === 0 && decision.reactions.length === 0
    const position = { generation: 1, record: index + 1, index: index % 3 }
    return changesNothing ? [] : [{ decision, position }]
  })
}

function jobIdsOf(decided: readonly PositionedDecision[]): readonly string[] {
  const ids = decided.flatMap(({ decision }) => decision.jobs.map(conversationJobId))
  return [...new Set(ids)].toSorted()
}

/** What everybody sees of a conversation. */
async function everythingOf(ports: CommitPorts, id: ConversationId): Promise<unknown> {
  const stored = await ports.conversations.read(id)
  const people = await Promise.all(
    PEOPLE.map(async (userId) => {
      const inbox = await ports.inbox.list(userId, { limit: 1_000 })
      return {
        line: inbox.find(({ conversationId }) => conversationId === id),
        marks: await ports.marks.readOwn(userId, [id]),
        mentions: await ports.mentions.count(userId, id, 0, 100),
      }
    }),
  )
  const events = await ports.timeline.read(id, ALL)
  return sorted({
    position: stored?.position,
    rows: stored?.rows.map((row) => JSON.stringify(sorted(row))).toSorted(),
    events,
    facts: [
      ...(await ports.timeline.readFacts(
        id,
        events.map(({ seq }) => seq),
      )),
    ].toSorted(([left], [right]) => left - right),
    people,
  })
}

/** Without what is undefined, and keys in order. */
function sorted(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, one: unknown) =>
      typeof one === 'object' && one !== null && !Array.isArray(one)
        ? Object.fromEntries(
            Object.entries(one).toSorted(([left], [right]) => (left < right ? -1 : 1)),
          )
        : one,
    ),
  )
}

/** The store of one process, whose commits are one transaction each. */
async function openReference(context: TestContext): Promise<CommitPorts> {
  const folder = await openTemporaryFolder()
  const store = await openEmbeddedStore({ dataDir: folder.path, pid: process.pid })
  context.after(async () => {
    await store.close()
    await folder.remove()
  })
  return {
    conversations: openEmbeddedConversationStore(store),
    timeline: openEmbeddedTimeline(store),
    inbox: openEmbeddedInbox(store),
    marks: openEmbeddedMarks(store),
    mentions: openEmbeddedMentions(store),
  }
}
