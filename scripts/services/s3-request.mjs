import storeUrl from '../../deploy/edge/store-url.js'

/**
 * @typedef {object} S3Address
 * @property {string} endpoint
 * @property {string} region
 * @property {string} accessKey
 * @property {string} secretKey
 */

/**
 * One signed request to an S3 store, for looking and for tests.
 *
 * @param {S3Address} address
 * @param {string} method
 * @param {string} path `/`, `/bucket` or `/bucket/key`
 * @param {Uint8Array<ArrayBuffer>} [body]
 */
export function requestS3({ endpoint, ...keys }, method, path, body) {
  const { host } = new URL(endpoint)
  const signed = storeUrl.sign({ ...keys, method, host, path, nowMs: Date.now() })
  return fetch(endpoint + signed, {
    method,
    signal: AbortSignal.timeout(5_000),
    ...(body === undefined ? {} : { body }),
  })
}
