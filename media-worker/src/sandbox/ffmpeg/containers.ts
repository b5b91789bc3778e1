/** How files of one family are read. */
export interface Container {
  /** The only demuxer that may open it, whatever else the bytes look like. */
  readonly demuxer: 'mov' | 'matroska' | 'avi' | 'mpegts' | 'mp3' | 'aac' | 'ogg' | 'wav' | 'flac'
}

/** How a copy without metadata is written: the same kind of file. */
export interface CopyFormat {
  readonly muxer: string
  readonly contentType: string
}

const DEMUXERS: Readonly<Record<string, Container['demuxer']>> = {
  'video/mp4': 'mov',
  'video/x-m4v': 'mov',
  'video/quicktime': 'mov',
  'video/3gpp': 'mov',
  'video/3gpp2': 'mov',
  'audio/mp4': 'mov',
  'audio/x-m4a': 'mov',
  'video/webm': 'matroska',
  'video/matroska': 'matroska',
  'video/vnd.avi': 'avi',
  'video/mp2t': 'mpegts',
  'audio/mpeg': 'mp3',
  'audio/aac': 'aac',
  'audio/ogg': 'ogg',
  'video/ogg': 'ogg',
  'audio/wav': 'wav',
  'audio/flac': 'flac',
}

const AUDIO_COPIES: Readonly<Record<Container['demuxer'], CopyFormat>> = {
  mov: { muxer: 'ipod', contentType: 'audio/x-m4a' },
  matroska: { muxer: 'matroska', contentType: 'audio/webm' },
  avi: { muxer: 'matroska', contentType: 'audio/webm' },
  mpegts: { muxer: 'matroska', contentType: 'audio/webm' },
  mp3: { muxer: 'mp3', contentType: 'audio/mpeg' },
  aac: { muxer: 'adts', contentType: 'audio/aac' },
  ogg: { muxer: 'ogg', contentType: 'audio/ogg' },
  wav: { muxer: 'wav', contentType: 'audio/wav' },
  flac: { muxer: 'flac', contentType: 'audio/flac' },
}

/** `undefined` for what is neither video nor audio of a kind that is looked into. */
export function containerOf(contentType: string): Container | undefined {
  const demuxer = Object.hasOwn(DEMUXERS, contentType) ? DEMUXERS[contentType] : undefined
  return demuxer === undefined ? undefined : { demuxer }
}

/** The type of a file in this container once it is known whether it has pictures. */
export function typeByStreams({ demuxer }: Container, sniffed: string, hasVideo: boolean): string {
  if (!hasVideo) return sniffed.startsWith('audio/') ? sniffed : AUDIO_COPIES[demuxer].contentType
  if (sniffed.startsWith('video/')) return sniffed
  return demuxer === 'ogg' ? 'video/ogg' : 'video/mp4'
}

/** How the same kind of file is written again. */
export function copyFormatOf({ demuxer }: Container, contentType: string): CopyFormat {
  if (contentType.startsWith('audio/')) return AUDIO_COPIES[demuxer]
  switch (contentType) {
    case 'video/quicktime':
      return { muxer: 'mov', contentType }
    case 'video/webm':
      return { muxer: 'webm', contentType }
    case 'video/matroska':
      return { muxer: 'matroska', contentType }
    case 'video/ogg':
      return { muxer: 'ogg', contentType }
    case 'video/vnd.avi':
      return { muxer: 'avi', contentType }
    case 'video/mp2t':
      return { muxer: 'mpegts', contentType }
    default:
      return { muxer: 'mp4', contentType: 'video/mp4' }
  }
}
