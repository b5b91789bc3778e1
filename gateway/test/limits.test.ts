import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ChatError } from '@satchel/protocol'
import { SESSION_RULES } from '../src/limits/session-rules.ts'
import { BareSocket } from './bare-socket.ts'
import { eventually } from './eventually.ts'
import { callHttp } from './http-client.ts'
import { openTestServer, userIdOf } from './test-server.ts'

const bob = userIdOf('bob')

test('a refusal for speed says what remains and when to come back; then it works', async (context) => {
  const { signIn } = await openTestServer(context)
  const alice = await signIn('alice')
  const group = await alice.group(bob)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 80 }, (_, index) => alice.say(group, String(index))),
  )
  const refused = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' && outcome.reason instanceof ChatError ? [outcome.reason] : [],
  )
  assert.ok(refused.length >= 15 && refused.length <= 21)
  const [first] = refused
  assert.ok(first !== undefined && first.retryable)
  const { remaining, limit, retryAfterMs = 0 } = first.details
  assert.deepEqual([remaining, limit], [0, 60])
  assert.ok(retryAfterMs >= 1 && retryAfterMs <= 50)
  // What was taken is a prefix: nothing overtook what was refused.
  const taken = outcomes.findIndex(({ status }) => status === 'rejected')
  assert.ok(outcomes.slice(taken).every(({ status }) => status === 'rejected'))
  const again = await sayUntilTaken()
  assert.equal(again.seq, taken + 2)

  async function sayUntilTaken(): Promise<{ readonly seq?: number | undefined }> {
    for (;;) {
      const command = { kind: 'send_message', text: 'again' } as const
      const said = await alice
        .command({ conversationId: group }, command, true)
        .catch(() => undefined)
      if (said !== undefined) return said
    }
  }
})

test('one user has so many sessions, and others have theirs', async (context) => {
  const { signIn } = await openTestServer(context)
  const own = await Promise.all(
    Array.from({ length: SESSION_RULES.sessionsOfUser }, () => signIn('alice')),
  )
  await assert.rejects(signIn('alice'), { code: 'too_many_sessions' })
  await signIn('bob')
  own[0]?.close()
  await eventually('there is room again', () =>
    signIn('alice').then(
      () => true,
      () => false,
    ),
  )
})

test('SATCHEL_LIMITS=off lifts the limits of users', async (context) => {
  const { signIn } = await openTestServer(context, { environment: { SATCHEL_LIMITS: 'off' } })
  const alice = await signIn('alice')
  const group = await alice.group(bob)
  const said = Array.from({ length: 200 }, () => alice.say(group, 'quick'))
  assert.deepEqual(
    (await Promise.all(said)).map(({ seq }) => seq),
    Array.from({ length: 200 }, (_, index) => index + 2),
  )
})

test('a reader that asks and does not listen has at most 256 requests worked on, and nothing is lost', async (context) => {
  const server = await openTestServer(context, { environment: { SATCHEL_LIMITS: 'off' } })
  const alice = await server.signIn('alice')
  const group = await alice.group(bob)
  const pageful = Array.from({ length: 15 }, () => alice.say(group, 'x'.repeat(4_000)))
  await Promise.all(pageful)
  const deaf = await BareSocket.open(server.port)
  await deaf.hello(await server.tokenOf('alice'))
  deaf.tcp.pause()
  // Pages wait for room on the socket; what comes on top of 256 that wait is refused at once.
  const requestIds = Array.from({ length: 700 }, (_, index) => index + 10)
  for (const requestId of requestIds)
    deaf.send({ type: 'history', requestId, conversationId: group, limit: 15 })
  await eventually('all have reached the server', async () => {
    const taken = /satchel_requests_refused_total\{[^}]*rate_limited[^}]*\} (\d+)/.exec(
      await (await fetch(`${server.url}/metrics`)).text(),
    )
    return Number(taken?.[1] ?? 0) > 0
  })
  deaf.tcp.resume()
  await eventually(
    'all are answered',
    () => {
      const answered = new Set(
        deaf.frames.map((frame) => ('requestId' in frame ? frame.requestId : undefined)),
      )
      return requestIds.every((requestId) => answered.has(requestId))
    },
    60_000,
  )
  assert.equal(deaf.closeCode, undefined)
})

test('requests of one user are limited over HTTP, those of a server key are not', async (context) => {
  const server = await openTestServer(context, { environment: { SATCHEL_REQUESTS_PER_USER: '1' } })
  const ask = (bearer: string): ReturnType<typeof callHttp> =>
    callHttp('GET', `${server.url}/v1/conversations`, { bearer, user: 'alice' })
  const token = await server.tokenOf('alice')
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(token)))
  const refused = answers.filter(({ status }) => status === 429)
  assert.ok(refused.length >= 4)
  assert.equal(refused[0]?.error?.details.remaining, 0)
  assert.ok(Number(refused[0].headers.get('retry-after')) >= 1)
  const trusted = await Promise.all(Array.from({ length: 20 }, () => ask(server.serverKey)))
  assert.ok(trusted.every(({ status }) => status === 200))
})

test('guessing keys is limited per address', async (context) => {
  const server = await openTestServer(context, {
    environment: { SATCHEL_REQUESTS_PER_ADDRESS: '1' },
  })
  const guesses = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      callHttp('GET', `${server.url}/v1/conversations`, { bearer: `guess-${index}` }),
    ),
  )
  const codes = guesses.map(({ error }) => error?.code)
  assert.equal(codes.filter((code) => code === 'unauthenticated').length, 5)
  assert.equal(codes.filter((code) => code === 'rate_limited').length, 5)
})

test('bodies are limited, and what is no JSON is refused', async (context) => {
  const server = await openTestServer(context)
  const post = (body: string): ReturnType<typeof callHttp> =>
    callHttp('POST', `${server.url}/v1/conversations`, {
      bearer: server.serverKey,
      user: 'alice',
      body,
    })
  assert.equal((await post('{')).error?.code, 'bad_request')
  assert.equal((await post(`{"title":"${'x'.repeat(70_000)}"}`)).error?.code, 'too_large')
  assert.equal((await post('['.repeat(30_000))).error?.code, 'bad_request')
  const wrong = await post('{"conversationKind":"group","title":7}')
  assert.equal(wrong.error?.details.field, 'title')
})
