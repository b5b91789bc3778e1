import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openEmbeddedTarget } from '../src/chaos/open-embedded-target.ts'
import { runChannelFloor } from '../src/channel/run-channel-floor.ts'
import { runChannel } from '../src/channel/run-channel.ts'

test('every message of a channel reaches every follower, in whatever process they are', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-channel-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const environment = process.env
  const target = await openEmbeddedTarget({
    node: process.execPath,
    environment,
    folder,
    strikes: ['kill-server'],
  })
  t.after(() => target.close())
  const [port = 0] = target.ports
  const { rows } = await runChannel({
    // Two crowds.
    ports: [port, port],
    gatewayPids: [process.pid],
    tokenSecret: target.tokenSecret,
    followers: 40,
    messagesPerSecond: [20],
    seconds: 1,
    tell: () => undefined,
  })
  assert.equal(rows.length, 1)
  const [row] = rows
  assert.equal(row?.sent, 20)
  assert.equal(row.expected, 800)
  assert.equal(row.delivered, 800)
  assert.ok(row.lastFollowerMs.max > 0)
})

test('the same channel on bare relays reaches everybody as well', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'satchel-floor-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const [row] = await runChannelFloor({
    node: process.execPath,
    environment: process.env,
    folder,
    relays: 2,
    followers: 40,
    messagesPerSecond: [20],
    seconds: 1,
    tell: () => undefined,
  })
  assert.equal(row?.sent, 20)
  assert.equal(row.delivered, 800)
})
