import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatClient } from '@satchel/client'
import { eventually } from './eventually.ts'
import { openCuttableProxy } from './support/cuttable-proxy.ts'
import { startServerChild } from './support/server-child.ts'
import { userIdOf } from './test-server.ts'

// The long form: SATCHEL_STORM_CLIENTS=5000 npm test -- storm
const CLIENTS = Number(process.env['SATCHEL_STORM_CLIENTS'] ?? 300)
const GROUP_SIZE = 10
const DEADLINE_MS = 120_000
const AT_ONCE = 50

/** How clients wait before they come back: at a random moment, or all at the same one. */
const MANNERS = {
  jittered: () => Math.random(),
  naive: () => 0,
} as const

for (const [manner, random] of Object.entries(MANNERS)) {
  test(`when all sockets drop at once, ${manner} clients come back, miss nothing, and others go on`, async (context) => {
    const child = await startServerChild(context, { environment: { SATCHEL_LIMITS: 'off' } })
    const proxy = await openCuttableProxy(context, child.port)
    const names = Array.from({ length: CLIENTS }, (_, index) => `user-${index}`)
    const clients = names.map((name) => {
      const client = new ChatClient({
        url: `ws://127.0.0.1:${proxy.port}/v1/socket`,
        getToken: () => child.tokenOf(name),
        random,
      })
      context.after(() => client.close())
      return client
    })
    for (let start = 0; start < CLIENTS; start += AT_ONCE)
      await Promise.all(clients.slice(start, start + AT_ONCE).map((client) => client.connect()))

    const alice = await child.signIn('alice')
    const bob = await child.signIn('bob')
    const talk = await alice.group(userIdOf('bob'))
    const groups = await Promise.all(
      Array.from({ length: Math.ceil(CLIENTS / GROUP_SIZE) }, (_, index) =>
        alice.group(...names.slice(index * GROUP_SIZE, (index + 1) * GROUP_SIZE).map(userIdOf)),
      ),
    )
    const heard = clients.map(() => 0)
    clients.forEach((client, index) =>
      client.on('event', ({ event }) => {
        if (event.content.kind === 'message_sent') heard[index] = event.seq
      }),
    )
    await eventually('everybody knows their group', () =>
      clients.every(({ inbox }) => inbox.conversations.length === 1),
    )

    proxy.cut()
    const cutMs = performance.now()
    const said = groups.map((group) => alice.say(group, 'while you were away'))
    const back: number[] = []
    const isBack = clients.map(() => false)
    const latencies: number[] = []
    while (back.length < CLIENTS) {
      const sentMs = performance.now()
      const { seq } = await alice.say(talk, 'and we talk on')
      await bob.until('event', ({ event }) => event.seq === seq)
      latencies.push(performance.now() - sentMs)
      clients.forEach((client, index) => {
        if (isBack[index] === true || client.state.status !== 'live') return
        isBack[index] = true
        back.push(performance.now() - cutMs)
      })
      assert.ok(performance.now() - cutMs < DEADLINE_MS, `only ${back.length} came back`)
    }
    await Promise.all(said)
    await eventually('everybody has what was said meanwhile', () => heard.every((seq) => seq === 2))
    const at = (values: readonly number[], part: number): number =>
      Math.round(
        values.toSorted((one, other) => one - other)[Math.floor(values.length * part)] ?? 0,
      )
    context.diagnostic(
      `${CLIENTS} ${manner} clients: 99 % back after ${at(back, 0.99)} ms; ` +
        `of the others ${latencies.length} messages took p50 ${at(latencies, 0.5)} ms, p99 ${at(latencies, 0.99)} ms`,
    )
  })
}
