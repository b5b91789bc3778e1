import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ESLint } from 'eslint'
import { repositoryRoot } from '../installation.mjs'
import { packageHomes, zones } from '../lint/import-table.mjs'

// The real configuration with one rule picked out, so that no type information is needed for files that do not exist.
const eslint = new ESLint({
  cwd: repositoryRoot,
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
  ruleFilter: ({ ruleId }) => ruleId === 'satchel/import-table',
})

async function lint(file: string, code: string): Promise<readonly string[]> {
  const [result] = await eslint.lintText(code, { filePath: join(repositoryRoot, file) })
  assert.ok(result, `${file} is not linted at all`)
  return result.messages.map(({ message }) => message)
}

// A zone, a file in it, what that file may import, and what it may not: at least one of each per row of the table.
const cases: readonly (readonly [
  zone: string,
  file: string,
  allowed: readonly string[],
  refused: readonly string[],
])[] = [
  [
    'protocol',
    'protocol/src/codec.ts',
    ["import { limits } from './limits.ts'"],
    [
      "import { encode } from '@msgpack/msgpack'",
      "import { ChatClient } from '@satchel/client'",
      "import { decide } from '@satchel/chat-core/domain'",
      "import { Buffer } from 'node:buffer'",
      "import lmdb from 'lmdb'",
    ],
  ],
  [
    'client',
    'protocol/client/src/outbox.ts',
    ["import { encode } from '@satchel/protocol'"],
    [
      "import { encode } from '../../src/codec.ts'",
      "import { decide } from '@satchel/chat-core/domain'",
      "import { readFile } from 'node:fs/promises'",
      "import ws from 'ws'",
    ],
  ],
  [
    'domain',
    'chat-core/src/domain/decide.ts',
    ["import type { Command } from '@satchel/protocol'", "import { apply } from './apply.ts'"],
    [
      "import type { CommandLog } from '../ports/command-log.ts'",
      "import { CommandSubmitter } from '../command-submitter.ts'",
      "import { randomBytes } from 'node:crypto'",
      "import { pino } from 'pino'",
    ],
  ],
  [
    'ports',
    'chat-core/src/ports/command-log.ts',
    [
      "import type { Event } from '../domain/event.ts'",
      "import type { Id } from '@satchel/protocol'",
    ],
    [
      "import type { Owner } from '../owner/owner.ts'",
      "import type { NatsConnection } from 'nats'",
      "import { openLog } from '../adapters/embedded/command-log.ts'",
    ],
  ],
  [
    'runtime',
    'chat-core/src/runtime/logs.ts',
    [
      "import { pino } from 'pino'",
      "import { Registry } from 'prom-client'",
      "import type { Head } from '../domain/head.ts'",
    ],
    [
      "import { decide } from '../domain/decide.ts'",
      "import { CommandSubmitter } from '../command-submitter.ts'",
    ],
  ],
  [
    'submit',
    'chat-core/src/command-submitter.ts',
    [
      "import type { CommandLog } from './ports/command-log.ts'",
      "import { directConversationId } from './direct-conversation-id.ts'",
    ],
    [
      "import { Owner } from './index.ts'",
      "import { readPage } from './queries/history.ts'",
      "import { openEmbeddedBackend } from './backends/embedded.ts'",
    ],
  ],
  [
    'chat-core process',
    'chat-core/src/chat-core-process.ts',
    [
      "import { startOwnership } from './owner/start-ownership.ts'",
      "import type { Backend } from './backends/backend.ts'",
    ],
    ["import { openEmbeddedBackend } from './backends/embedded.ts'"],
  ],
  [
    'provision',
    'chat-core/src/provision-main.ts',
    ["import { provisionDistributed } from './backends/index.ts'"],
    ["import { CommandSubmitter } from './command-submitter.ts'"],
  ],
  [
    'create-submitter',
    'chat-core/src/create-submitter.ts',
    ["import { stampReaction } from './queries/stamp-reaction.ts'"],
    ["import { startOwner } from './owner/start-owner.ts'"],
  ],
  [
    'queries',
    'chat-core/src/queries/history.ts',
    ["import { fold } from '../domain/fold.ts'"],
    ["import { Owner } from '../owner/owner.ts'", "import lmdb from 'lmdb'"],
  ],
  [
    'uploads',
    'chat-core/src/uploads/begin.ts',
    ["import type { ObjectStore } from '../ports/object-store.ts'"],
    ["import { signLink } from '../links/sign.ts'", "import sharp from 'sharp'"],
  ],
  [
    'links',
    'chat-core/src/links/sign.ts',
    ["import type { ObjectStore } from '../ports/object-store.ts'", "import 'node:crypto'"],
    [
      "import { beginUpload } from '../uploads/begin.ts'",
      "import { S3Client } from '@aws-sdk/client-s3'",
    ],
  ],
  [
    'owner',
    'chat-core/src/owner/commit.ts',
    ["import { decide } from '../domain/decide.ts'"],
    [
      "import { openStore } from '../adapters/embedded/conversation-store.ts'",
      "import { CommandSubmitter } from '../command-submitter.ts'",
      "const lmdb = await import('lmdb')",
    ],
  ],
  [
    'adapters',
    'chat-core/src/adapters/wrap-errors.ts',
    ["import { ChatError } from '@satchel/protocol'", "import { retry } from 'cockatiel'"],
    ["import { openStore } from './embedded/conversation-store.ts'", "import lmdb from 'lmdb'"],
  ],
  [
    'embedded',
    'chat-core/src/adapters/embedded/conversation-store.ts',
    ["import { open } from 'lmdb'", "import { wrapErrors } from '../wrap-errors.ts'"],
    ["import Redis from 'ioredis'", "import { Owner } from '../../owner/owner.ts'"],
  ],
  [
    'nats',
    'chat-core/src/adapters/nats/command-log.ts',
    ["import { connect } from 'nats'", "import { connect } from '@nats-io/transport-node'"],
    ["import { open } from 'lmdb'", "import { openRegistry } from '../redis/session-registry.ts'"],
  ],
  [
    'redis',
    'chat-core/src/adapters/redis/session-registry.ts',
    ["import Redis from 'ioredis'"],
    ["import { connect } from 'nats'"],
  ],
  [
    'cassandra',
    'chat-core/src/adapters/cassandra/conversation-store.ts',
    ["import { Client } from 'cassandra-driver'"],
    ["import { openEmbeddedBackend } from '../../backends/embedded.ts'"],
  ],
  [
    's3',
    'chat-core/src/adapters/s3/object-store.ts',
    ["import { S3Client } from '@aws-sdk/client-s3'"],
    ["import { Client } from 'cassandra-driver'"],
  ],
  [
    'backends',
    'chat-core/src/backends/embedded.ts',
    [
      "import { openStore } from '../adapters/embedded/conversation-store.ts'",
      "import { mark } from '../links/mark-condemned.ts'",
    ],
    ["import { Owner } from '../owner/owner.ts'", "import { open } from 'lmdb'"],
  ],
  [
    'chat-core',
    'chat-core/src/index.ts',
    [
      "export { CommandSubmitter } from './command-submitter.ts'",
      "export { Owner } from './owner/owner.ts'",
    ],
    [
      "export { openEmbeddedBackend } from './backends/embedded.ts'",
      "export * from './adapters/embedded/conversation-store.ts'",
    ],
  ],
  [
    'chat-core main',
    'chat-core/src/main.ts',
    ["import { openDistributedBackend } from './backends/distributed.ts'"],
    [
      "import { openStore } from './adapters/embedded/conversation-store.ts'",
      "import { Gateway } from '../../gateway/src/gateway.ts'",
    ],
  ],
  [
    'gateway',
    'gateway/src/socket/session.ts',
    [
      "import uws from 'uWebSockets.js'",
      "import { submit } from '@satchel/chat-core'",
      "import type { Backend } from '@satchel/chat-core/backends'",
    ],
    [
      "import { openEmbeddedBackend } from '@satchel/chat-core/backends'",
      "import { CommandSubmitter } from '../../../chat-core/src/command-submitter.ts'",
      "import { Owner } from '@satchel/chat-core/owner'",
      "import { startWorker } from '@satchel/media-worker'",
      "import { ChatClient } from '@satchel/client'",
      "import { startSingleProcess } from '../single-process.ts'",
      "import { open } from 'lmdb'",
      "import { App } from '../../web/app.tsx'",
    ],
  ],
  [
    'gateway main',
    'gateway/src/main.ts',
    [
      "import { openDistributedBackend } from '@satchel/chat-core/backends'",
      "import { startSingleProcess } from './single-process.ts'",
    ],
    ["import { startWorker } from '@satchel/media-worker'"],
  ],
  [
    'single process',
    'gateway/src/single-process.ts',
    [
      "import { openEmbeddedBackend } from '@satchel/chat-core/backends'",
      "import { startWorker } from '@satchel/media-worker'",
    ],
    ["import { ChatClient } from '@satchel/client'"],
  ],
  [
    'web',
    'gateway/web/inbox.tsx',
    ["import { ChatClient } from '@satchel/client'", "import { render } from 'preact'"],
    [
      "import { decide } from '@satchel/chat-core/domain'",
      "import { readFile } from 'node:fs'",
      "import { routes } from '../src/http/routes.ts'",
    ],
  ],
  [
    'media-worker',
    'media-worker/src/pipeline.ts',
    ["import sharp from 'sharp'", "import type { JobQueue } from '@satchel/chat-core/ports'"],
    [
      "import { openEmbeddedBackend } from '@satchel/chat-core/backends'",
      "import { render } from 'preact'",
    ],
  ],
  [
    'media-worker main',
    'media-worker/src/main.ts',
    ["import { openDistributedBackend } from '@satchel/chat-core/backends'"],
    ["import { Gateway } from '../../gateway/src/gateway.ts'"],
  ],
  [
    'reconcile main',
    'media-worker/src/reconcile-main.ts',
    ["import { openEmbeddedBackend } from '@satchel/chat-core/backends'"],
    ["import { Gateway } from '../../gateway/src/gateway.ts'"],
  ],
  [
    'loadtest',
    'loadtest/src/generator.ts',
    [
      "import { ChatClient } from '@satchel/client'",
      "import { Server } from 'socket.io'",
      "import { startServices } from '../../scripts/services/start-services.mjs'",
    ],
    ["import { submit } from '@satchel/chat-core'"],
  ],
  [
    'scripts',
    'scripts/services.mjs',
    ["import { join } from 'node:path'"],
    ["import { openGateway } from '../gateway/src/gateway.ts'"],
  ],
]

for (const [zone, file, allowed, refused] of cases) {
  test(`${zone} imports what its row of the table allows and nothing else`, async () => {
    for (const code of allowed) assert.deepEqual(await lint(file, code), [], `${file}: ${code}`)
    for (const code of refused) {
      assert.equal((await lint(file, code)).length, 1, `${file} got away with: ${code}`)
    }
  })
}

test('every row of the table is tried', () => {
  assert.deepEqual(cases.map(([zone]) => zone).sort(), Object.keys(zones).sort())
})

test('a package with a home is refused everywhere else', async () => {
  for (const [name, homes] of Object.entries(packageHomes)) {
    const code = `import '${name.endsWith('/') ? `${name}client` : name}'`
    const strangers = ['submit', 'gateway main', 'loadtest'].filter((zone) => !homes.includes(zone))
    for (const zone of strangers) {
      const folder = zones[zone]?.folder ?? ''
      const file = folder.endsWith('/') ? `${folder}a.ts` : folder
      const messages = await lint(file, code)
      assert.equal(messages.length, 1, `${zone} got away with: ${code}`)
    }
  }
})

test('tests import what they need', async () => {
  assert.deepEqual(await lint('gateway/test/drain.test.ts', "import { open } from 'lmdb'"), [])
})
