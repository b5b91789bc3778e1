import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CommandContent } from '../../src/domain/command.ts'
import { commandOf, idOf, keyOf, SETTINGS } from '../domain/conversation-run.ts'
import { Servers } from '../simulation/servers.ts'
import { SimulatedChatCore } from '../simulation/simulated-chat-core.ts'
import { World } from '../simulation/world.ts'

const GROUP = idOf('group')

describe('a chat-core in a cluster', () => {
  it('commits a rejection of a command that makes the rules throw, puts it aside, and goes on', async () => {
    const cluster = new Cluster()
    cluster.start('core-1')
    cluster.create()
    // Nothing that can be asked for: the rules have no entry for it.
    cluster.ask({ kind: 'nonsense' } as unknown as CommandContent)
    cluster.say('next')
    await cluster.pass(3_000)
    const [letter] = cluster.servers.deadLetters
    assert.ok(letter !== undefined)
    const answers = cluster.answers()
    assert.ok(answers[1]?.kind === 'rejected' && answers[1].code === 'internal')
    assert.ok(answers[1].message.includes(letter.faultId))
    assert.deepEqual([answers[2]?.kind, cluster.head()?.seq], ['applied', 2])
  })

  it('lets go of a partition at a record it cannot read, skips nothing, and does not claim it on and on', async () => {
    const cluster = new Cluster()
    cluster.start('core-1')
    cluster.create()
    await cluster.pass(2_000)
    cluster.servers.log.garbleNext(0)
    cluster.say('of a newer release')
    cluster.say('behind it')
    await cluster.pass(60_000)
    assert.equal(cluster.head()?.seq, 1)
    assert.ok(cluster.world.violations.some((text) => text.includes('unknown_record_version')))
    const claims = cluster.records().filter(({ kind }) => kind === 'epoch').length
    assert.ok(claims >= 3 && claims <= 8, `${claims} claims in a minute`)
  })

  it('refuses a conversation that was committed beyond the end of the log', async () => {
    const cluster = new Cluster()
    cluster.servers.store.writeRows({
      conversationId: GROUP,
      position: { generation: 1, record: 500, index: 0 },
      rows: [{ row: 'pins', value: [] }],
    })
    cluster.start('core-1')
    cluster.create()
    await cluster.pass(3_000)
    assert.ok(cluster.world.violations.some((text) => text.includes('log_behind_state')))
    assert.equal(cluster.head(), undefined)
  })

  it('takes over from one that died within five seconds, and goes on where it was', async () => {
    const cluster = new Cluster()
    const first = cluster.start('core-1')
    cluster.create()
    await cluster.pass(3_000)
    cluster.start('core-2')
    await cluster.pass(100)
    first.process.crash()
    cluster.say('while nobody is there')
    const crashedMs = cluster.world.nowMs
    await cluster.world.run(() => cluster.head()?.seq === 2, crashedMs + 10_000)
    assert.ok(cluster.world.nowMs - crashedMs <= 5_000)
  })

  it('hands over on its way out, in a moment, with nothing left to do again', async () => {
    const cluster = new Cluster(8)
    const first = cluster.start('core-1')
    cluster.create()
    await cluster.pass(10_000)
    const second = cluster.start('core-2')
    await cluster.pass(5_000)
    assert.ok(first.ownership.partitionsOwned > 0 && second.ownership.partitionsOwned > 0)
    const closedMs = cluster.world.nowMs
    first.close()
    await cluster.world.run(() => second.ownership.partitionsOwned === 8, closedMs + 10_000)
    assert.ok(cluster.world.nowMs - closedMs <= 400, `${cluster.world.nowMs - closedMs} ms`)
    assert.equal(cluster.world.trace.filter((line) => line.includes('unfinished')).length, 0)
  })

  it('keeps what it has and takes nothing while nobody knows who lives', async () => {
    const cluster = new Cluster(8)
    const first = cluster.start('core-1')
    await cluster.pass(5_000)
    cluster.servers.weather.breakDown('directory', 20_000)
    const second = cluster.start('core-2')
    cluster.create()
    await cluster.pass(15_000)
    assert.deepEqual(
      [first, second].map(({ ownership }) => ownership.partitionsOwned),
      [8, 0],
    )
    assert.equal(cluster.head()?.seq, 1)
  })
})

/** Calm weather: what goes wrong is what a test says. */
class Cluster {
  readonly world = new World(1)
  readonly servers: Servers
  #counter = 0

  constructor(partitions = 1) {
    this.servers = new Servers(this.world, partitions, undefined)
    this.servers.weather.clearUp()
  }

  start(id: string): SimulatedChatCore {
    return new SimulatedChatCore(this.servers, id, SETTINGS)
  }

  async pass(ms: number): Promise<void> {
    await this.world.run(() => false, this.world.nowMs + ms)
  }

  create(): void {
    this.ask({ kind: 'create_conversation', conversationKind: 'group', memberIds: [] })
  }

  say(text: string): void {
    this.ask({ kind: 'send_message', text })
  }

  ask(content: CommandContent): void {
    const command = commandOf(GROUP, 'ann', keyOf(1, ++this.#counter), content)
    const entries = [{ command, answerTo: undefined }]
    const partition = this.servers.partitionOf(GROUP)
    this.servers.log.append(partition, `test/${this.#counter}`, { kind: 'commands', entries })
  }

  head() {
    return this.servers.store.readHead(GROUP)
  }

  records() {
    return this.servers.log.partitions[0]?.records ?? []
  }

  /** As remembered, in the order asked. */
  answers() {
    for (const row of this.servers.store.readConversation(GROUP)?.rows ?? [])
      if (row.row === 'outbox') return row.value.answers.map(({ answer }) => answer)
    return []
  }
}
