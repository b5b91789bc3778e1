import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { SignJWT, UnsecuredJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose'
import type { CryptoKey, GenerateKeyPairResult } from 'jose'
import { newAttachmentId } from '@satchel/protocol'
import { createSystemClock, readSettings } from '@satchel/chat-core/runtime'
import { readEmbeddedSecrets } from '../src/tokens/embedded-secrets.ts'
import { signToken } from '../src/tokens/sign-token.ts'
import { callHttp } from './http-client.ts'
import { openTestServer, userIdOf, type TestServer } from './test-server.ts'

const oldSecret = 'the secret before the rotation, long enough'
const newSecret = 'the secret after the rotation, long enough'

async function isWelcome(server: TestServer, token: string): Promise<boolean> {
  const client = await server.connect()
  return client.hello(token).then(
    ({ user }) => user.id === 'alice',
    () => false,
  )
}

function hs256(secret: string, claims: Record<string, unknown> = {}): Promise<string> {
  return new SignJWT({ sub: 'alice', exp: Math.floor(Date.now() / 1_000) + 60, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret))
}

function signed(alg: string, key: CryptoKey, kid?: string): Promise<string> {
  return new SignJWT({ sub: 'alice' })
    .setProtectedHeader(kid === undefined ? { alg } : { alg, kid })
    .setExpirationTime('1m')
    .sign(key)
}

test('while a secret is replaced, tokens of both are accepted, of others none', async (context) => {
  const server = await openTestServer(context, {
    environment: { SATCHEL_TOKEN_SECRET: newSecret, SATCHEL_TOKEN_SECRET_PREVIOUS: oldSecret },
  })
  assert.ok(await isWelcome(server, await hs256(newSecret)))
  assert.ok(await isWelcome(server, await hs256(oldSecret)))
  assert.ok(!(await isWelcome(server, await hs256('some other secret that is long enough'))))
})

test('RS256 and EdDSA tokens are accepted with their public keys', async (context) => {
  const rsa = await generateKeyPair('RS256', { extractable: true })
  const ed = await generateKeyPair('EdDSA', { extractable: true })
  const server = await openTestServer(context, {
    environment: {
      SATCHEL_TOKEN_PUBLIC_KEY: await exportSPKI(rsa.publicKey),
      SATCHEL_TOKEN_PUBLIC_KEY_PREVIOUS: await exportSPKI(ed.publicKey),
    },
  })
  assert.ok(await isWelcome(server, await signed('RS256', rsa.privateKey)))
  assert.ok(await isWelcome(server, await signed('EdDSA', ed.privateKey)))
  const { privateKey } = await generateKeyPair('RS256')
  assert.ok(!(await isWelcome(server, await signed('RS256', privateKey))))
  // The public key is no secret: whoever signs with it as if it were one gets nowhere.
  assert.ok(!(await isWelcome(server, await hs256(await exportSPKI(rsa.publicKey)))))
})

test('keys are fetched from a JWKS address, once for many tokens', async (context) => {
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  const { url, fetched } = await serveKeys(context, pair)
  const server = await openTestServer(context, { environment: { SATCHEL_TOKEN_JWKS_URL: url } })
  for (let index = 0; index < 3; index++)
    assert.ok(await isWelcome(server, await signed('EdDSA', pair.privateKey, 'k1')))
  assert.equal(fetched(), 1)
})

test('while a key of a JWKS is replaced, tokens that name none are accepted with either', async (context) => {
  const [before, after, other] = [
    await generateKeyPair('EdDSA', { extractable: true }),
    await generateKeyPair('EdDSA', { extractable: true }),
    await generateKeyPair('EdDSA'),
  ]
  const { url } = await serveKeys(context, before, after)
  const server = await openTestServer(context, { environment: { SATCHEL_TOKEN_JWKS_URL: url } })
  assert.ok(await isWelcome(server, await signed('EdDSA', before.privateKey)))
  assert.ok(await isWelcome(server, await signed('EdDSA', after.privateKey)))
  assert.ok(!(await isWelcome(server, await signed('EdDSA', other.privateKey))))
})

test('nobody is signed out while keys cannot be had', async (context) => {
  const pair = await generateKeyPair('EdDSA', { extractable: true })
  const keys = await serveKeys(context, pair)
  const server = await openTestServer(context, {
    environment: { SATCHEL_TOKEN_JWKS_URL: keys.url },
  })
  for (const status of [503, 200]) {
    keys.answer(status, 'not today')
    const client = await server.connect()
    await assert.rejects(client.hello(await signed('EdDSA', pair.privateKey, 'k1')), {
      code: 'unavailable',
    })
  }
  keys.answer(200)
  assert.ok(await isWelcome(server, await signed('EdDSA', pair.privateKey, 'k1')))
})

async function serveKeys(context: TestContext, ...pairs: readonly GenerateKeyPairResult[]) {
  const keys = await Promise.all(
    pairs.map(async ({ publicKey }, index) => ({
      ...(await exportJWK(publicKey)),
      ...{ kid: `k${index + 1}`, alg: 'EdDSA', use: 'sig' },
    })),
  )
  let count = 0
  let answer = { status: 200, body: JSON.stringify({ keys }) }
  const http = createServer((_request, response) => {
    count++
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(answer.body)
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  context.after(() => http.close())
  const { port } = http.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/keys`,
    fetched: () => count,
    answer(status: number, body = JSON.stringify({ keys })) {
      answer = { status, body }
    },
  }
}

test('tokens without signature, subject or end are refused, and so are foreign issuers', async (context) => {
  const server = await openTestServer(context, {
    environment: {
      SATCHEL_TOKEN_SECRET: newSecret,
      SATCHEL_TOKEN_ISSUER: 'us',
      SATCHEL_TOKEN_AUDIENCE: 'satchel',
    },
  })
  const good = { iss: 'us', aud: 'satchel' }
  assert.ok(await isWelcome(server, await hs256(newSecret, good)))
  const refused = [
    await hs256(newSecret, { ...good, iss: 'them' }),
    await hs256(newSecret, { ...good, aud: 'another' }),
    await hs256(newSecret, { ...good, sub: undefined }),
    await hs256(newSecret, { ...good, sub: 'x'.repeat(65) }),
    await hs256(newSecret, { ...good, exp: undefined }),
    await hs256(newSecret, { ...good, capabilities: 'all' }),
    new UnsecuredJWT({ sub: 'alice', ...good }).setExpirationTime('1m').encode(),
    'not.a.token',
    '',
  ]
  for (const token of refused) assert.ok(!(await isWelcome(server, token)), token)
})

test('capabilities limit what a token may do, over sockets and HTTP', async (context) => {
  const server = await openTestServer(context)
  const client = await server.connect()
  const token = await server.tokenOf('alice', { capabilities: ['create', 'send'] })
  await client.hello(token)
  const conversationId = await client.group(userIdOf('bob'))
  await client.say(conversationId, 'allowed')
  const attachmentId = newAttachmentId()
  const refused = [
    client.command({ conversationId }, { kind: 'update_conversation', title: 'no' }),
    client.command({ conversationId }, { kind: 'delete_conversation' }),
    client.request('update_profile', { profile: { name: 'no' } }),
    client.request('upload_parts', { attachmentId, parts: [0] }),
    client.request('upload_status', { attachmentId }),
    client.request('complete_upload', { attachmentId }),
    client.request('abort_upload', { attachmentId }),
  ]
  await Promise.all(refused.map((asked) => assert.rejects(asked, { code: 'forbidden' })))
  const overHttp = await callHttp('DELETE', `${server.url}/v1/conversations/${conversationId}`, {
    bearer: token,
  })
  assert.equal(overHttp.error?.code, 'forbidden')
  const members = `${server.url}/v1/conversations/${conversationId}/members`
  const removing = await callHttp('DELETE', `${members}/bob`, { bearer: token })
  assert.equal(removing.error?.code, 'forbidden')
  // Leaving takes no capability: it is the rules that keep her.
  const leaving = await callHttp('DELETE', `${members}/alice`, { bearer: token })
  assert.equal(leaving.error?.code, 'last_owner')
})

test('whoever may write the own profile writes name and avatar, never the backend’s data', async (context) => {
  const server = await openTestServer(context)
  const url = `${server.url}/v1/users/alice`
  const backend = { bearer: server.serverKey }
  const data = { plan: 'free' }
  await callHttp('PUT', url, { ...backend, body: { name: 'Alice', avatar: 'a', data } })
  const client = await server.connect()
  await client.hello(await server.tokenOf('alice', { capabilities: ['profile'] }))
  // Old clients send `data` along.
  const profile = { name: 'Alicia', data: { plan: 'paid' } }
  const expected = { id: 'alice', name: 'Alicia', data }
  assert.deepEqual(await client.request('update_profile', { profile }), expected)
  assert.deepEqual((await callHttp('GET', url, { ...backend, user: 'alice' })).body, expected)
  const unlimited = await server.signIn('alice')
  const renamed = await unlimited.request('update_profile', { profile: { name: 'Al' } })
  assert.deepEqual(renamed, { ...expected, name: 'Al' })
})

test('a session ends some time after its token, unless it brought a new one', async (context) => {
  const server = await openTestServer(context, { times: { tokenGraceMs: 500 } })
  const [renewed, expired] = [await server.connect(), await server.connect()]
  const brief = (): Promise<string> => server.tokenOf('alice', { lifetimeMs: 1_000 })
  await renewed.hello(await brief())
  await expired.hello(await brief())
  await renewed.request('auth', { token: await server.tokenOf('alice') })
  assert.deepEqual(await expired.untilClosed(10_000), { code: 4003, reason: 'token_expired' })
  assert.ok(renewed.isOpen)
  await renewed.request('inbox', {})
  await assert.rejects(renewed.request('auth', { token: await server.tokenOf('bob') }), {
    code: 'unauthenticated',
  })
})

test('a refused token closes the socket for good, an expired one so that it may come back', async (context) => {
  const server = await openTestServer(context)
  const [forged, old] = [await server.connect(), await server.connect()]
  await assert.rejects(forged.hello('forged'), { code: 'unauthenticated' })
  assert.equal((await forged.untilClosed()).code, 4002)
  await assert.rejects(old.hello(await server.tokenOf('alice', { lifetimeMs: -60_000 })))
  assert.equal((await old.untilClosed()).code, 4003)
})

test('embedded mode makes its keys once, for its owner only, and signs with them', async (context) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'satchel-gateway-'))
  context.after(() => rm(dataDir, { recursive: true, force: true }))
  const [first, again] = [readEmbeddedSecrets(dataDir), readEmbeddedSecrets(dataDir)]
  assert.deepEqual(again, first)
  assert.equal(new Set(Object.values(first)).size, 3)
  for (const name of ['token-secret', 'server-key', 'link-secret']) {
    const path = join(dataDir, 'keys', name)
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.ok((await readFile(path, 'utf8')).length >= 43)
  }
  const server = await openTestServer(context, { dataDir })
  const options = { userId: userIdOf('alice'), lifetimeMs: 60_000 }
  const nowMs = createSystemClock().nowMs()
  assert.ok(await isWelcome(server, await signToken(first.token, { ...options, nowMs })))
})

test('signing in by name works on loopback, directly, and only there', async (context) => {
  const server = await openTestServer(context)
  const signIn = (headers: Record<string, string> = {}): ReturnType<typeof callHttp> =>
    callHttp('POST', `${server.url}/dev/sign-in`, { body: { name: 'alice' }, headers })
  const { status, body } = await signIn()
  assert.equal(status, 200)
  assert.ok(await isWelcome(server, String(body['token'])))
  // The web client’s own page, at whatever port.
  assert.equal((await signIn({ origin: server.url })).status, 200)
  const ofOthers: readonly Record<string, string>[] = [
    { 'x-forwarded-for': '203.0.113.7' },
    { 'x-forwarded-proto': 'https' },
    { 'x-forwarded-host': 'chat.example' },
    { 'x-real-ip': '203.0.113.7' },
    { forwarded: 'for=203.0.113.7' },
    { via: '1.1 proxy' },
    { origin: 'https://chat.example' },
    { origin: 'http://127.0.0.1:1' },
    { origin: 'null' },
  ]
  for (const headers of ofOthers)
    assert.equal((await signIn(headers)).error?.code, 'forbidden', JSON.stringify(headers))
  for (const environment of [
    { SATCHEL_DEV_SIGN_IN: 'off' },
    { SATCHEL_HOST: '0.0.0.0' },
    { SATCHEL_TOKEN_SECRET: newSecret },
    // A proxy may show in no header: these say that there is one, or that users come from elsewhere.
    { SATCHEL_TRUSTED_PROXIES: '127.0.0.1' },
    { SATCHEL_ORIGINS: 'https://chat.example' },
    { SATCHEL_PUBLIC_URL: 'https://chat.example' },
    { SATCHEL_SERVER_KEYS: 'a-key-of-a-backend-with-32-characters' },
  ]) {
    const other = await openTestServer(context, { environment })
    const answer = await callHttp('POST', `${other.url}/dev/sign-in`, { body: { name: 'alice' } })
    assert.equal(answer.error?.code, 'forbidden', JSON.stringify(environment))
  }
  assert.equal(readSettings({}).devSignIn, 'auto')
})

test('neither tokens nor texts are in the log', async (context) => {
  const server = await openTestServer(context, { environment: { SATCHEL_LOG_LEVEL: 'debug' } })
  const token = await server.tokenOf('alice')
  const client = await server.connect()
  await client.hello(token)
  await client.say(await client.group(userIdOf('bob')), 'a secret text')
  client.raw(Uint8Array.of(0xc1))
  await client.untilClosed()
  const log = server.log.join('')
  assert.match(log, /session began/)
  assert.ok(!log.includes(token) && !log.includes('a secret text'))
})
