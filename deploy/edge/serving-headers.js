// Runs in nginx (njs) and in Node: no destructuring, no spread, default exports.

/** @typedef {import('./media-link.js').MediaLink} MediaLink */

/**
 * The name of the bytes behind a link: keys are never reused, so the path alone gives it.
 *
 * @param {MediaLink} link
 */
function etagOf(link) {
  return `"${link.blob}-${link.pipelineVersion}-${link.variant}"`
}

/**
 * What media is served with; the same as chat-core/src/links/open-media.ts sends.
 *
 * @param {MediaLink} link
 * @param {number} nowMs
 * @returns {Record<string, string>}
 */
function headersOf(link, nowMs) {
  const lifetimeSeconds = Math.floor((link.expiresAtMs - nowMs) / 1000)
  return {
    'Content-Type': link.contentType,
    ETag: etagOf(link),
    'Accept-Ranges': 'bytes',
    'Cache-Control': `private, max-age=${lifetimeSeconds}, immutable`,
    'Content-Disposition': dispositionOf(link),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'Referrer-Policy': 'no-referrer',
  }
}

/**
 * Only what we encoded ourselves is shown in place.
 *
 * @param {MediaLink} link
 */
function dispositionOf(link) {
  const isShownInPlace = /^(w\d+|animated|loop|play|hls(\/.*)?)$/.test(link.variant)
  if (isShownInPlace && link.downloadName === undefined) return 'inline'
  const name = link.downloadName === undefined ? link.variant : link.downloadName
  // A letter beyond 16 bits is one here, and two in Node.
  const plain = name.replace(/[^\w .-]/g, (letter) => (isTwoUnits(letter) ? '__' : '_'))
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (letter) => '%' + letter.charCodeAt(0).toString(16).toUpperCase(),
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}

/** @param {string} letter */
function isTwoUnits(letter) {
  return Number(letter.codePointAt(0)) > 0xffff
}

export default { etagOf, headersOf }
