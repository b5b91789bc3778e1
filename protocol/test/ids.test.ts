import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  commandId,
  conversationIdFrom,
  conversationKindOf,
  decodeBase64url,
  encodeBase64url,
  newAttachmentId,
  newConversationId,
  newOutboxId,
  parseAttachmentId,
  parseConversationId,
  parseDeviceId,
  parseOutboxId,
  parseUserId,
} from '../src/index.ts'
import { idVectors } from './golden-vectors.ts'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

describe('base64url', () => {
  it('brings any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.deepEqual(decodeBase64url(encodeBase64url(bytes)), bytes)
      }),
    )
  })

  it('writes what Node writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.equal(encodeBase64url(bytes), Buffer.from(bytes).toString('base64url'))
      }),
    )
  })

  it('accepts one spelling of each value and nothing else', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('A', 'B', 'C', 'w', 'x', '_', '-', '+', '=', ' ', 'é'),
          maxLength: 9,
        }),
        (text) => {
          const bytes = decodeBase64url(text)
          const isCanonical = Buffer.from(text, 'base64url').toString('base64url') === text
          assert.equal(bytes !== undefined, isCanonical)
          if (bytes !== undefined) assert.equal(encodeBase64url(bytes), text)
        },
      ),
      { numRuns: 2_000 },
    )
  })

  for (const { hex, base64url } of idVectors.base64url) {
    it(`writes 0x${hex} as '${base64url}'`, () => {
      assert.equal(encodeBase64url(bytesOf(hex)), base64url)
      assert.deepEqual(decodeBase64url(base64url), bytesOf(hex))
    })
  }

  for (const { text, why } of idVectors.notBase64url) {
    it(`refuses '${text}': ${why}`, () => {
      assert.equal(decodeBase64url(text), undefined)
    })
  }
})

describe('a conversation id', () => {
  for (const { kind, from, hex, base64url } of idVectors.conversationIds) {
    it(`of a ${kind} made from 0x${from} is ${base64url}`, () => {
      const id = conversationIdFrom(kind, bytesOf(from))
      assert.equal(id, base64url)
      assert.deepEqual(decodeBase64url(id), bytesOf(hex))
      assert.equal(parseConversationId(base64url), id)
      assert.equal(conversationKindOf(id), kind)
    })
  }

  for (const { base64url, why } of idVectors.notConversationIds) {
    it(`is not '${base64url}': ${why}`, () => {
      assert.equal(parseConversationId(base64url), undefined)
    })
  }

  it('made by a client is of its kind and never the same', () => {
    const ids = Array.from({ length: 1_000 }, () => newConversationId('channel'))
    assert.ok(ids.every((id) => conversationKindOf(id) === 'channel'))
    assert.equal(new Set(ids).size, ids.length)
  })
})

describe('a command id', () => {
  for (const { outbox, counter, hex, base64url } of idVectors.commandIds) {
    it(`of outbox ${outbox} and counter ${String(counter)} is 0x${hex}`, () => {
      const id = { outbox: parseOutboxId(outbox) ?? assert.fail(), counter }
      assert.deepEqual(commandId.format(id, 'msgpack'), bytesOf(hex))
      assert.equal(commandId.format(id, 'json'), base64url)
      assert.deepEqual(commandId.parse(bytesOf(hex), 'msgpack'), id)
      assert.deepEqual(commandId.parse(base64url, 'json'), id)
    })
  }

  for (const { hex, why } of idVectors.notCommandIds) {
    it(`is not 0x${hex}: ${why}`, () => {
      const refusal = { code: 'bad_request', message: /command id/ }
      assert.throws(() => commandId.parse(bytesOf(hex), 'msgpack'), refusal)
      assert.throws(() => commandId.parse(encodeBase64url(bytesOf(hex)), 'json'), refusal)
    })
  }
})

describe('a user id', () => {
  for (const id of idVectors.userIds) {
    it(`may be '${id}'`, () => {
      assert.equal(parseUserId(id), id)
    })
  }

  for (const { text, why } of idVectors.notUserIds) {
    it(`may not be ${JSON.stringify(text)}: ${why}`, () => {
      assert.equal(parseUserId(text), undefined)
    })
  }
})

describe('other ids', () => {
  it('that were made here are understood here', () => {
    const attachment = newAttachmentId()
    const outbox = newOutboxId()
    assert.equal(parseAttachmentId(attachment), attachment)
    assert.equal(parseOutboxId(outbox), outbox)
  })

  it('of devices are 1 to 64 letters, digits and _ - . :', () => {
    assert.equal(parseDeviceId('web-5F:2c_x.9'), 'web-5F:2c_x.9')
    for (const refused of ['', 'x'.repeat(65), 'a b', 'é', 'a/b', 'a\n']) {
      assert.equal(parseDeviceId(refused), undefined, refused)
    }
  })
})
