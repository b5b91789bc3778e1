/** Bounds of video and audio: beyond them a file is not decoded, only copied without its metadata. */
export const PLAYABLE_LIMITS = {
  maxStreams: 16,
  /** Of one frame: 4096 × 2304. */
  maxPixels: 9_437_184,
  maxAllocBytes: 256 * 1024 * 1024,
  /** What plays for longer is copied, never encoded. */
  maxEncodedMs: 30 * 60_000,
  /** Below what the confinement lets a file grow to, so that ffmpeg itself says it is full. */
  maxOutputBytes: 950_000_000,
  probeMs: 20_000,
  copyMs: 120_000,
  posterMs: 30_000,
  /** Inside the child's own deadline, so that a poster outlives an encoding that takes too long. */
  encodeVideoMs: 420_000,
  encodeAudioMs: 40_000,
  encodeHlsMs: 3_000_000,
} as const

/** Names of decoders, where they differ from those of codecs with both. */
export const DECODERS = [
  ...['h264', 'hevc', 'vp8', 'vp9', 'av1', 'libdav1d'],
  ...['aac', 'mp2', 'mp2float', 'mp3', 'mp3float', 'opus', 'vorbis', 'flac', 'alac', 'ac3', 'eac3'],
  ...['pcm_u8', 'pcm_s16le', 'pcm_s24le', 'pcm_s32le', 'pcm_f32le'],
] as const

/** Of covers and subtitles, which lie beside what plays: met when looking at a file, never made into anything. */
export const PROBED_DECODERS = [
  'png',
  'mjpeg',
  'mov_text',
  'subrip',
  'srt',
  'ass',
  'webvtt',
  'pgssub',
] as const
