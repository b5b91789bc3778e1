import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSettings } from '@satchel/chat-core/runtime'
import { contentSecurityPolicy } from '../../src/web-client/content-security-policy.ts'

function sourcesOf(variables: Readonly<Record<string, string>>) {
  const policy = contentSecurityPolicy(readSettings(variables))
  const directives = policy.split('; ').map((directive): [string, readonly string[]] => {
    const [name = '', ...sources] = directive.split(' ')
    return [name, sources]
  })
  return new Map(directives)
}

test('a server that has everything itself lets the page go nowhere else', () => {
  const sources = sourcesOf({})
  assert.deepEqual(sources.get('connect-src'), ["'self'", 'ws:', 'wss:'])
  assert.deepEqual(sources.get('media-src'), ["'self'", 'blob:'])
})

test('the page brings uploads to the store, and has media from the edge', () => {
  const sources = sourcesOf({
    SATCHEL_BACKEND: 'distributed',
    SATCHEL_PUBLIC_URL: 'https://chat.example/',
    SATCHEL_S3_ENDPOINT: 'http://inside:9000',
    SATCHEL_S3_PUBLIC_ENDPOINT: 'https://store.example',
    SATCHEL_MEDIA_URL: 'http://127.0.0.1:7770/',
  })
  const connect = sources.get('connect-src') ?? []
  assert.ok(connect.includes('https://store.example'))
  assert.ok(connect.includes('https://chat.example'))
  assert.ok(!connect.includes('http://inside:9000'))
  assert.ok(sources.get('img-src')?.includes('http://127.0.0.1:7770'))
  assert.ok(sources.get('media-src')?.includes('http://127.0.0.1:7770'))
})

test('without an address of the store, uploads go to AWS', () => {
  const sources = sourcesOf({ SATCHEL_BACKEND: 'distributed', SATCHEL_S3_REGION: 'eu-west-1' })
  assert.ok(sources.get('connect-src')?.includes('https://s3.eu-west-1.amazonaws.com'))
})
