// Runs in nginx (njs) and in Node: no destructuring, no spread, default exports.

import crypto from 'crypto'
import mediaTypes from './media-types.js'

const PATH = /^\/m\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9]{1,32})\.([a-z0-9]{1,5})$/
const QUERY = /^(e=(\d{1,12})(?:&n=([^&]{0,1024}))?)&s=([\w-]{22})$/
const SIGNATURE_BYTES = 16

/**
 * @typedef {object} MediaLink
 * @property {string} blob
 * @property {string} pipelineVersion
 * @property {string} variant
 * @property {string} contentType
 * @property {number} expiresAtMs
 * @property {string | undefined} downloadName
 */

/**
 * What a link as requested (undecoded) points to, or the code of why it is refused. The links are those of
 * chat-core/src/links/media-links.ts.
 *
 * @param {string} url path and query
 * @param {string} linkSecret the setting SATCHEL_LINK_SECRET
 * @param {number} nowMs
 * @returns {MediaLink | 'link_invalid' | 'link_expired'}
 */
function verify(url, linkSecret, nowMs) {
  const question = url.indexOf('?')
  const path = PATH.exec(url.slice(0, question))
  const query = QUERY.exec(url.slice(question + 1))
  if (question < 0 || path === null || query === null) return 'link_invalid'
  const unsigned = `${url.slice(0, question)}?${group(query, 1)}`
  if (!isSame(signatureOf(unsigned, linkSecret), group(query, 4))) return 'link_invalid'
  const extension = group(path, 4)
  const types = /** @type {Record<string, string | undefined>} */ (mediaTypes)
  // njs has no Object.hasOwn.
  const isKnown = Object.prototype.hasOwnProperty.call(types, extension)
  const contentType = isKnown ? types[extension] : undefined
  if (contentType === undefined) return 'link_invalid'
  const expiresAtMs = Number(query[2]) * 1000
  if (expiresAtMs <= nowMs) return 'link_expired'
  return {
    blob: group(path, 1),
    pipelineVersion: group(path, 2),
    variant: group(path, 3),
    contentType: contentType,
    expiresAtMs: expiresAtMs,
    downloadName: query[3] === undefined ? undefined : decodeURIComponent(query[3]),
  }
}

/**
 * @param {string} unsigned
 * @param {string} linkSecret
 */
function signatureOf(unsigned, linkSecret) {
  const mac = hmac(deriveKey(linkSecret), unsigned)
  return mac.subarray(0, SIGNATURE_BYTES).toString('base64url')
}

/**
 * HKDF (RFC 5869) with SHA-256, no salt, one block: what `deriveSecret` of the gateway does.
 *
 * @param {string} linkSecret
 */
function deriveKey(linkSecret) {
  const extracted = hmac(Buffer.alloc(32), linkSecret)
  return hmac(extracted, 'satchel media links\x01')
}

/**
 * @param {Buffer} key
 * @param {string} text
 */
function hmac(key, text) {
  return crypto.createHmac('sha256', key).update(text).digest()
}

/**
 * Takes as long for a wrong signature as for the right one.
 *
 * @param {string} one
 * @param {string} other as long as the first
 */
function isSame(one, other) {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at += 1) difference |= one.charCodeAt(at) ^ other.charCodeAt(at)
  return difference === 0
}

/**
 * @param {RegExpExecArray} match
 * @param {number} index
 */
function group(match, index) {
  return match[index] || ''
}

/**
 * Where the bytes behind a link are: chat-core/src/links/object-keys.ts.
 *
 * @param {MediaLink} link
 */
function objectKeyOf(link) {
  if (link.variant === 'original') return 'blob/' + link.blob
  return 'derived/' + link.blob + '/' + link.pipelineVersion + '/' + link.variant
}

export default { verify, objectKeyOf }
