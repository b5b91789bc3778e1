// What nginx calls. Runs in njs: no destructuring, no spread, default exports, and a fresh state for every request.

import mediaLink from './media-link.js'
import servingHeaders from './serving-headers.js'
import storeUrl from './store-url.js'

/**
 * @typedef {object} NginxRequest the part of njs' request that is used here
 * @property {string} method
 * @property {number} status
 * @property {Readonly<Record<string, string | undefined>>} variables
 * @property {Readonly<Record<string, string | undefined>>} headersIn
 * @property {Record<string, string | undefined>} headersOut
 * @property {(status: number, body?: string) => void} return
 * @property {() => void} sendHeader
 * @property {() => void} finish
 * @property {(location: string) => void} internalRedirect
 */

/** @typedef {import('./media-link.js').MediaLink} MediaLink */

/** @type {Readonly<Record<string, string>>} */
const MESSAGES = {
  link_invalid: 'the signature of the link does not fit',
  link_expired: 'the link was valid once',
  no_such_attachment: 'the file was deleted',
  range_not_satisfiable: 'the requested range lies outside the file',
  unavailable: 'what answers this is out of reach at the moment',
  no_such_route: 'there is nothing but media here',
  method_not_allowed: 'media can only be read',
}

// Of the store's answer; the rest is said by us, or is nobody's business.
const KEPT_HEADERS = /^(content-length|content-range|date|connection|transfer-encoding)$/i

/**
 * Lets a verified link through to the store.
 *
 * @param {NginxRequest} r
 */
function serve(r) {
  const link = readLink(r)
  if (r.method === 'OPTIONS') answerPreflight(r)
  else if (r.method !== 'GET' && r.method !== 'HEAD') refuse(r, 405, 'method_not_allowed')
  else if (link === 'link_invalid') refuse(r, 403, link)
  else if (link === 'link_expired') refuse(r, 410, link)
  else if ((r.headersIn['If-None-Match'] || '').includes(servingHeaders.etagOf(link))) {
    // Without asking the store: the bytes of a link never change.
    setHeaders(r, servingHeaders.headersOf(link, Date.now()))
    r.status = 304
    r.sendHeader()
    r.finish()
  } else r.internalRedirect('@store')
}

/**
 * The variable `$store_url`: where the store has it, signed with our own credentials.
 *
 * @param {NginxRequest} r
 */
function storeUrlOf(r) {
  const link = readLink(r)
  // Not reached by a link that is refused; nothing may be fetched without one.
  if (typeof link === 'string') return '/'
  return storeUrl.sign({
    method: r.method,
    host: r.variables['store_host'] || '',
    path: '/' + setting('SATCHEL_S3_BUCKET') + '/' + mediaLink.objectKeyOf(link),
    region: setting('SATCHEL_S3_REGION'),
    accessKey: setting('SATCHEL_S3_ACCESS_KEY'),
    secretKey: setting('SATCHEL_S3_SECRET_KEY'),
    nowMs: Date.now(),
  })
}

/**
 * The variable `$store_range`.
 *
 * @param {NginxRequest} r
 */
function storeRangeOf(r) {
  const link = readLink(r)
  if (typeof link === 'string') return ''
  return servingHeaders.rangeOf(r.headersIn['Range'], r.headersIn['If-Range'], link)
}

/**
 * Puts our headers in the place of the store's.
 *
 * @param {NginxRequest} r
 */
function replaceHeaders(r) {
  const link = readLink(r)
  if (typeof link === 'string' || (r.status !== 200 && r.status !== 206)) return
  for (const name in r.headersOut) {
    // This is how njs removes a header.
    if (!KEPT_HEADERS.test(name)) r.headersOut[name] = undefined
  }
  setHeaders(r, servingHeaders.headersOf(link, Date.now()))
}

/** @param {NginxRequest} r */
function refuseMissing(r) {
  refuse(r, 404, 'no_such_attachment')
}

/** @param {NginxRequest} r */
function refuseRange(r) {
  refuse(r, 416, 'range_not_satisfiable')
}

/** @param {NginxRequest} r */
function refuseUnavailable(r) {
  refuse(r, 503, 'unavailable')
}

/** @param {NginxRequest} r */
function refusePath(r) {
  refuse(r, 404, 'no_such_route')
}

/**
 * A refusal as the gateway words it.
 *
 * @param {NginxRequest} r
 * @param {number} status
 * @param {string} code
 */
function refuse(r, status, code) {
  setHeaders(r, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  })
  const message = MESSAGES[code]
  r.return(status, JSON.stringify({ error: { code: code, message: message, details: {} } }))
}

/** @param {NginxRequest} r */
function answerPreflight(r) {
  setHeaders(r, {
    'Access-Control-Allow-Methods': 'GET, HEAD',
    'Access-Control-Allow-Headers': 'Range',
    'Access-Control-Max-Age': '600',
  })
  r.return(204)
}

/**
 * The signature is the permission: whoever has the link may show it, on any page.
 *
 * @param {NginxRequest} r
 * @param {Readonly<Record<string, string>>} headers
 */
function setHeaders(r, headers) {
  r.headersOut['Access-Control-Allow-Origin'] = '*'
  r.headersOut['Access-Control-Expose-Headers'] = 'ETag, Content-Range'
  Object.keys(headers).forEach((name) => {
    r.headersOut[name] = headers[name]
  })
}

/** @param {NginxRequest} r */
function readLink(r) {
  const url = r.variables['request_uri'] || ''
  return mediaLink.verify(url, setting('SATCHEL_LINK_SECRET'), Date.now())
}

/** @param {string} name */
function setting(name) {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(name + ' is not set')
  return value
}

export default {
  serve,
  storeUrlOf,
  storeRangeOf,
  replaceHeaders,
  refuseMissing,
  refuseRange,
  refuseUnavailable,
  refusePath,
}
