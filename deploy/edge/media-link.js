// Runs in nginx (njs) and in Node: no destructuring, no spread, default exports.

import crypto from 'crypto'
import hlsTypes from './hls-types.js'
import mediaTypes from './media-types.js'

const PATH = /^\/m\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9]{1,32})\.([a-z0-9]{1,5})$/
const QUERY = /^(e=(\d{1,12})(?:&n=([^&]{0,1024}))?)&s=([\w-]{22})$/
const HLS_PATH =
  /^\/h\/(\d{1,12})\/([\w-]{22})\/([\w-]{22})\/([1-9]\d{0,5})\/([a-z0-9-]{1,40}\.([a-z0-9]{1,5}))$/
const SIGNATURE_BYTES = 16

/**
 * @typedef {object} MediaLink
 * @property {string} blob
 * @property {string} pipelineVersion
 * @property {string} variant of `hls` one file: `hls/<file>`
 * @property {string} contentType
 * @property {number} expiresAtMs
 * @property {string | undefined} downloadName
 */

/**
 * What a link says before its signature is checked: what we did not encode may be no encoding at all.
 *
 * @typedef {object} Claim
 * @property {string} unsigned
 * @property {string} signature
 * @property {MediaLink} link without its name
 * @property {string | undefined} name encoded
 */

/**
 * What a link as requested (undecoded) points to, or the code of why it is refused. The links are those of
 * chat-core/src/links/satchel-links.ts.
 *
 * @param {string} url path and query
 * @param {string} linkSecret the setting SATCHEL_LINK_SECRET
 * @param {number} nowMs
 * @returns {MediaLink | 'link_invalid' | 'link_expired'}
 */
function verify(url, linkSecret, nowMs) {
  const claim = parseHlsLink(url) || parseLink(url)
  if (claim === null || !isSame(signatureOf(claim.unsigned, linkSecret), claim.signature)) {
    return 'link_invalid'
  }
  if (claim.link.expiresAtMs <= nowMs) return 'link_expired'
  if (claim.name !== undefined) claim.link.downloadName = decodeURIComponent(claim.name)
  return claim.link
}

/**
 * @param {string} url
 * @returns {Claim | null}
 */
function parseLink(url) {
  const question = url.indexOf('?')
  const path = PATH.exec(url.slice(0, question))
  const query = QUERY.exec(url.slice(question + 1))
  if (question < 0 || path === null || query === null) return null
  const contentType = typeOf(mediaTypes, group(path, 4))
  if (contentType === undefined) return null
  return {
    unsigned: `${url.slice(0, question)}?${group(query, 1)}`,
    signature: group(query, 4),
    link: {
      blob: group(path, 1),
      pipelineVersion: group(path, 2),
      variant: group(path, 3),
      contentType: contentType,
      expiresAtMs: Number(query[2]) * 1000,
      downloadName: undefined,
    },
    name: query[3],
  }
}

/**
 * @param {string} url
 * @returns {Claim | null}
 */
function parseHlsLink(url) {
  const path = HLS_PATH.exec(url)
  if (path === null) return null
  const contentType = typeOf(hlsTypes, group(path, 6))
  if (contentType === undefined) return null
  return {
    unsigned: `/h/${group(path, 1)}/${group(path, 3)}/${group(path, 4)}/`,
    signature: group(path, 2),
    link: {
      blob: group(path, 3),
      pipelineVersion: group(path, 4),
      variant: 'hls/' + group(path, 5),
      contentType: contentType,
      expiresAtMs: Number(path[1]) * 1000,
      downloadName: undefined,
    },
    name: undefined,
  }
}

/**
 * @param {Record<string, string | undefined>} types
 * @param {string} extension
 */
function typeOf(types, extension) {
  // njs has no Object.hasOwn.
  const isKnown = Object.prototype.hasOwnProperty.call(types, extension)
  return isKnown ? types[extension] : undefined
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

/**
 * The object that is there while the blob behind a link is condemned: chat-core/src/links/object-keys.ts.
 *
 * @param {MediaLink} link
 */
function markKeyOf(link) {
  return 'condemned/' + link.blob
}

export default { verify, objectKeyOf, markKeyOf }
