// What nginx calls. Runs in njs: no destructuring, no spread, default exports, and a fresh state for every request.

import mediaLink from './media-link.js'
import servingHeaders from './serving-headers.js'
import storeUrl from './store-url.js'

/**
 * @typedef {object} NginxRequest the part of njs' request that is used here
 * @property {string} method
 * @property {number} status
 * @property {Record<string, string | undefined>} variables
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
 * Lets nothing but a link that holds any further.
 *
 * @param {NginxRequest} r
 */
function serve(r) {
  const link = readLink(r)
  if (r.method === 'OPTIONS') answerPreflight(r)
  else if (r.method !== 'GET' && r.method !== 'HEAD') refuse(r, 405, 'method_not_allowed')
  else if (link === 'link_invalid') refuse(r, 403, link)
  else if (link === 'link_expired') refuse(r, 410, link)
  else r.internalRedirect('@verified')
}

/**
 * What nginx is told of a mark in the bucket: where there is one, nobody may have the blob. While nobody can say, what is
 * here is served: the link alone will not hold for long.
 *
 * @param {NginxRequest} r
 */
function judgeMark(r) {
  r.status = r.status === 200 ? 403 : 204
}

/**
 * Serves a blob that is not condemned.
 *
 * @param {NginxRequest} r
 */
function serveVerified(r) {
  const link = requireLink(r)
  if ((r.headersIn['If-None-Match'] || '').includes(servingHeaders.etagOf(link))) {
    // Without asking the store: the bytes of a link never change.
    setHeaders(r, servingHeaders.headersOf(link, Date.now()))
    r.status = 304
    r.sendHeader()
    r.finish()
  } else {
    signStoreUrl(r, link)
    r.internalRedirect('@store')
  }
}

/**
 * Sets the variable `$store_url`: where the store has it.
 *
 * @param {NginxRequest} r
 * @param {MediaLink} link
 */
function signStoreUrl(r, link) {
  r.variables['store_url'] = signForStore(r, mediaLink.objectKeyOf(link))
}

/**
 * A URL that the store takes from us, with our own credentials.
 *
 * @param {NginxRequest} r
 * @param {string} key
 */
function signForStore(r, key) {
  return storeUrl.sign({
    // Whatever is asked of us: nginx fetches for its cache.
    method: 'GET',
    host: r.variables['store_host'] || '',
    path: '/' + setting('SATCHEL_S3_BUCKET') + '/' + key,
    region: setting('SATCHEL_S3_REGION'),
    accessKey: setting('SATCHEL_S3_ACCESS_KEY'),
    secretKey: setting('SATCHEL_S3_SECRET_KEY'),
    nowMs: Date.now(),
  })
}

/**
 * The variable `$object_key`. Not reached by a link that is refused, like those below.
 *
 * @param {NginxRequest} r
 */
function objectKeyOf(r) {
  return mediaLink.objectKeyOf(requireLink(r))
}

/**
 * The variable `$object_etag`.
 *
 * @param {NginxRequest} r
 */
function objectEtagOf(r) {
  return servingHeaders.etagOf(requireLink(r))
}

/**
 * The variable `$mark_key`.
 *
 * @param {NginxRequest} r
 */
function markKeyOf(r) {
  return mediaLink.markKeyOf(requireLink(r))
}

/**
 * The variable `$mark_url`.
 *
 * @param {NginxRequest} r
 */
function markUrlOf(r) {
  return signForStore(r, markKeyOf(r))
}

/**
 * Puts our headers in the place of the store's. Comes for each slice.
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
  // That one is set by nginx.
  r.headersOut['ETag'] = undefined
  r.variables['is_answering'] = '1'
  signStoreUrl(r, link)
}

/** @param {NginxRequest} r */
function refuseMissing(r) {
  refuseOrEnd(r, 404, 'no_such_attachment')
}

/**
 * Of an empty file there is no first slice, but a whole.
 *
 * @param {NginxRequest} r
 */
function refuseRange(r) {
  const link = readLink(r)
  if (typeof link === 'string' || r.headersIn['Range'] !== undefined) {
    refuse(r, 416, 'range_not_satisfiable')
    return
  }
  setHeaders(r, servingHeaders.headersOf(link, Date.now()))
  r.return(200, '')
}

/** @param {NginxRequest} r */
function refuseUnavailable(r) {
  refuseOrEnd(r, 503, 'unavailable')
}

/** @param {NginxRequest} r */
function refusePath(r) {
  refuse(r, 404, 'no_such_route')
}

/**
 * When a later slice cannot be had, the words of a refusal would be taken for bytes of the file: 444 cuts the connection.
 *
 * @param {NginxRequest} r
 * @param {number} status
 * @param {string} code
 */
function refuseOrEnd(r, status, code) {
  if (r.variables['is_answering'] === '1') r.return(444)
  else refuse(r, status, code)
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

/**
 * @param {NginxRequest} r
 * @returns {MediaLink}
 */
function requireLink(r) {
  const link = readLink(r)
  if (typeof link === 'string') throw new Error(link)
  return link
}

/** @param {string} name */
function setting(name) {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(name + ' is not set')
  return value
}

export default {
  serve,
  judgeMark,
  serveVerified,
  objectKeyOf,
  objectEtagOf,
  markKeyOf,
  markUrlOf,
  replaceHeaders,
  refuseMissing,
  refuseRange,
  refuseUnavailable,
  refusePath,
}
