import assert from 'node:assert/strict'
import { verify } from 'node:crypto'
import { test } from 'node:test'
import { newBlobKey, parseBlobKey } from '@satchel/protocol'
import { CloudFrontLinks } from '../../src/links/cloudfront-links.ts'
import { createMediaLinks, type LinkSettings } from '../../src/links/create-media-links.ts'
import type { MediaTarget } from '../../src/links/media-links.ts'
import { SatchelLinks } from '../../src/links/satchel-links.ts'
import { SettingsError, readSettings } from '../../src/runtime/read-settings.ts'
import { EC_PRIVATE_KEY, EC_PUBLIC_KEY, RSA_PRIVATE_KEY } from '../support/cloudfront-keys.ts'

const HOUR_MS = 3_600_000
const NOW_MS = Date.UTC(2027, 0, 1, 12, 34, 56)
const BASE_URL = 'https://d111111abcdef8.cloudfront.net'
const inner = new SatchelLinks({
  secret: new Uint8Array(32).fill(1),
  windowMs: HOUR_MS,
  baseUrl: BASE_URL,
})
const rsa = new CloudFrontLinks(inner, {
  keyPairId: 'K2JCJMDEHXQW5F',
  privateKey: RSA_PRIVATE_KEY,
})
const blob = parseBlobKey('AAAAAAAAAAAAAAAAAAAAAA')
assert.ok(blob)
const thumbnail: MediaTarget = {
  blob,
  pipelineVersion: 1,
  variant: 'w320',
  contentType: 'image/webp',
}
const download: MediaTarget = { ...thumbnail, variant: 'download', contentType: 'image/jpeg' }

// Signed by `printf '{"Statement":…}' | openssl dgst -sha256 -sign key.pem | openssl base64 | tr -- '+=/' '-_~'`.
const known = [
  {
    target: thumbnail,
    name: undefined,
    url: 'https://d111111abcdef8.cloudfront.net/m/AAAAAAAAAAAAAAAAAAAAAA/1/w320.webp?e=1798811324&s=l5UnsY5OxrWW7hlWHuX-xQ',
    signature:
      'iscqfhYvpT9ITOTVX3pK6A~eruzaPSNRAK8urVytvI7k1cUkfLJZ~YOYIkplv6ICjPwj6TSqSwjUyY3FFpOEM05t252PV9o-PucQT9JuBTVV5jHjfhbktLvi71nUt726OiDqOczV2UnSF6Z7ojVRWv1BinhNuDfBWVioI6UZMPdbFgOPMhsTqsczTrr4fLjwVrmMLDqczf88uz2EAOgGf7pVmHqmoAzQqImLK7wqXmaeKkNfCTI~2PzBDBK45QI9sXGXuDRrMm3~55nqaKoes6QfoTPm3sMulwicWYsiTRN7FXVdzsFmXjcatTn66uxj83lZ3M0YKQ14FDkCrxZdKw__',
  },
  {
    target: download,
    name: 'Zoë & co.jpg',
    url: 'https://d111111abcdef8.cloudfront.net/m/AAAAAAAAAAAAAAAAAAAAAA/1/download.jpg?e=1798811324&n=Zo%C3%AB%20%26%20co.jpg&s=DlAwfRBHq97UBKUfDZz9OQ',
    signature:
      'Nl4VZkDYG6HninGZU4kmv66s56k7YBBPNyzLSM8EMR-3449fIwZ7wJ97OJp1Kq38lMSw3~jr-B-I9KruFDYWNLUmQdcavk2NBaVMYZLYnyFtc1gRaIq8uR8EuMRKsp7ODmfLN-W77hZN0SJa6T6zEfZw5CcGD23oLXlImC-5j~GFHNBuditTVGn~YeOOXg7bC8-ObiFs7WpHHYaMI3w1iEsMVifUfHaonzb49PP1WusygMpB7kb19mgOvvqlAudecLl~fMFunmoqqUrOBii2pHj9PllRH9hAp-i~9iNMZbSnNJTttCUmhf6flGYnDBbggSjwGqG2IiV7z718-A4O9A__',
  },
] as const

for (const { target, name, url, signature } of known) {
  test(`a link to ${target.variant} has the signature that openssl gives`, () => {
    const link = rsa.sign(target, NOW_MS, name)
    assert.equal(link.expiresAtMs, 1_798_811_324_000)
    assert.equal(
      link.url,
      `${url}&Expires=1798811324&Signature=${signature}&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256`,
    )
  })
}

test('a key of an elliptic curve signs the same policy', () => {
  const ec = new CloudFrontLinks(inner, { keyPairId: 'K1', privateKey: EC_PRIVATE_KEY })
  const { url } = ec.sign(thumbnail, NOW_MS)
  const [signed = '', parameters = ''] = url.split('&Expires=')
  const policy = `{"Statement":[{"Resource":"${signed}","Condition":{"DateLessThan":{"AWS:EpochTime":1798811324}}}]}`
  const text = new URLSearchParams(`Expires=${parameters}`).get('Signature') ?? ''
  assert.match(text, /^[\w~-]+$/)
  const signature = text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/')
  assert.ok(verify('sha256', Buffer.from(policy), EC_PUBLIC_KEY, Buffer.from(signature, 'base64')))
})

test('what CloudFront passes on is a link that edge and gateway take', () => {
  const { pathname, search } = new URL(rsa.sign(download, NOW_MS, 'a.jpg').url)
  const passedOn = [...new URLSearchParams(search)]
    .filter(([name]) => ['e', 'n', 's'].includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  assert.equal(inner.verify(pathname, passedOn, NOW_MS).downloadName, 'a.jpg')
})

test('a link to HLS is ours alone, so that what the playlist refers to inherits it', () => {
  const video = { ...thumbnail, variant: 'hls', contentType: 'application/vnd.apple.mpegurl' }
  assert.deepEqual(rsa.sign(video, NOW_MS), inner.sign(video, NOW_MS))
})

const wanted = {
  SATCHEL_LINKS: 'cloudfront',
  SATCHEL_MEDIA_URL: BASE_URL,
  SATCHEL_CLOUDFRONT_KEY_PAIR_ID: 'K1',
  SATCHEL_CLOUDFRONT_PRIVATE_KEY: RSA_PRIVATE_KEY,
}
const settingsOf = (environment: Record<string, string>): LinkSettings => readSettings(environment)

test('what is signed for CloudFront is signed once in a window', () => {
  const { links } = createMediaLinks(settingsOf(wanted))
  const target = { ...thumbnail, blob: newBlobKey() }
  const first = links.sign(target, NOW_MS)
  assert.match(first.url, /&Key-Pair-Id=K1&/)
  // The very same, not only an equal one.
  assert.equal(links.sign(target, NOW_MS + 1_000), first)
  assert.notEqual(links.sign(target, NOW_MS + 2 * HOUR_MS).url, first.url)
})

test('without what CloudFront needs nothing is signed, and all that is missing is named', () => {
  assert.throws(
    () => createMediaLinks(settingsOf({ SATCHEL_LINKS: 'cloudfront' })),
    (error) => {
      assert.ok(error instanceof SettingsError)
      const variables = error.problems.map((problem) => problem.split(':')[0])
      assert.deepEqual(variables, [
        'SATCHEL_MEDIA_URL',
        'SATCHEL_CLOUDFRONT_KEY_PAIR_ID',
        'SATCHEL_CLOUDFRONT_PRIVATE_KEY',
      ])
      return true
    },
  )
  for (const bad of ['secret', EC_PUBLIC_KEY, RSA_PRIVATE_KEY.slice(0, -60)]) {
    assert.throws(
      () => settingsOf({ SATCHEL_CLOUDFRONT_PRIVATE_KEY: bad }),
      /SATCHEL_CLOUDFRONT_PRIVATE_KEY: expected a private key in PEM/,
    )
  }
})
