import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCommandLine } from '../services/command-line.mjs'
import { describeMissing } from '../services/missing-programs.mjs'
import { DEFAULT_PORTS } from '../services/service-ports.mjs'

test('without words everything is started, in the foreground, on the ports that are always the same', () => {
  assert.deepEqual(parseCommandLine([]), {
    command: 'start',
    isDetached: false,
    isJson: false,
    only: ['nats', 'redis', 'cassandra', 's3', 'edge'],
    natsServers: 3,
    ports: DEFAULT_PORTS,
  })
})

test('every port can be chosen, and the NATS servers take three in a row', () => {
  const words = ['--redis-port=6379', '--nats-port', '4222', '--cassandra-storage-port=7000']
  assert.deepEqual(parseCommandLine(words).ports, {
    ...DEFAULT_PORTS,
    redis: 6379,
    nats: [4222, 4223, 4224],
    cassandraStorage: 7000,
  })
})

test('what is not understood is refused with its name', () => {
  const refused: readonly (readonly [words: readonly string[], reason: RegExp])[] = [
    [['restart'], /restart is none of start, stop, status, reset/],
    [['stop', 'redis'], /stop redis is none of/],
    [['--only', 'redis,mysql'], /mysql is none of nats, redis/],
    [['--nats-servers=2'], /1 or 3, not 2/],
    [['--s3-port=70000'], /--s3-port: 70000 is not a port/],
    [['--mysql-port=1'], /--mysql-port/],
  ]
  for (const [words, reason] of refused) assert.throws(() => parseCommandLine(words), reason)
})

test('one message names everything that is missing and how Debian brings it', () => {
  const message = describeMissing([
    { what: 'Go', packages: [] },
    { what: 'redis-server', packages: ['redis-server'] },
    { what: 'nginx', packages: ['nginx-light', 'libnginx-mod-http-js'] },
  ])
  assert.match(message, /- Go\n {2}- redis-server\n {2}- nginx\n/)
  assert.match(message, /install --no-install-recommends redis-server nginx-light libnginx-mod/)
})
