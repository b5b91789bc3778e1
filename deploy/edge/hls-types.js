// Types of the files of an `hls` variant, by extension: the same table as in chat-core/src/links/media-types.ts, which a
// test compares it with.

export default {
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
}
