// Runs in nginx (njs) and in Node: no destructuring, no spread, default exports.

import crypto from 'crypto'

// Longer than the slowest reader takes for a slice, after which the next one is asked for.
const LIFETIME_SECONDS = 900

/**
 * @typedef {object} StoreRequest
 * @property {string} method
 * @property {string} host as the request's `Host` header says it
 * @property {string} path `/bucket/key`, of characters that need no encoding
 * @property {string} region
 * @property {string} accessKey
 * @property {string} secretKey
 * @property {number} nowMs
 */

/**
 * Path and query of a request that an S3 store takes as ours (AWS Signature Version 4, in the query).
 *
 * @param {StoreRequest} request
 */
function sign(request) {
  // 20261121T101500Z
  const time = new Date(request.nowMs).toISOString().replace(/[:-]|\.\d{3}/g, '')
  const scope = [time.slice(0, 8), request.region, 's3', 'aws4_request']
  const query = [
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    'X-Amz-Credential=' + encodeURIComponent(request.accessKey + '/' + scope.join('/')),
    'X-Amz-Date=' + time,
    `X-Amz-Expires=${LIFETIME_SECONDS}`,
    'X-Amz-SignedHeaders=host',
  ].join('&')
  const canonical = [
    request.method,
    request.path,
    query,
    'host:' + request.host,
    '',
    'host',
    'UNSIGNED-PAYLOAD',
  ].join('\n')
  const hash = crypto.createHash('sha256').update(canonical).digest('hex')
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash].join('\n')
  const key = scope.reduce(hmac, Buffer.from('AWS4' + request.secretKey))
  const signature = hmac(key, text).toString('hex')
  return request.path + '?' + query + '&X-Amz-Signature=' + signature
}

/**
 * @param {Buffer} key
 * @param {string} text
 */
function hmac(key, text) {
  return crypto.createHmac('sha256', key).update(text).digest()
}

export default { sign }
