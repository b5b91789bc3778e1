import { Icon } from '../ui/icon.tsx'
import type { IconName } from '../ui/icon.tsx'
import { extensionOf, isVoiceNote } from '../words/describe-attachment.ts'

interface FileGlyphProps {
  readonly name: string
  readonly contentType: string
}

/** Families of files that people tell apart, each with its picture and its colour. */
const FAMILIES: readonly (readonly [icon: IconName, tone: number, pattern: RegExp])[] = [
  ['document', 6, /^pdf$/],
  ['document', 0, /^(docx?|odt|rtf|pages|epub)$/],
  ['table', 3, /^(xlsx?|ods|csv|tsv|numbers)$/],
  ['slides', 1, /^(pptx?|odp|key)$/],
  ['archive', 7, /^(zip|gz|tgz|tar|7z|rar|xz|bz2|zst)$/],
  ['code', 2, /^(html?|css|[cm]?[jt]sx?|json|xml|ya?ml|py|rb|rs|go|c|h|cpp|java|sh|sql|svg)$/],
  ['document', 7, /^(txt|md|log)$/],
  ['image', 4, /^(jpe?g|png|gif|webp|heic|avif|tiff?|bmp)$/],
  ['film', 2, /^(mp4|mov|webm|mkv|avi|m4v)$/],
  ['music', 5, /^(mp3|m4a|aac|ogg|opus|wav|flac)$/],
]

/** What kind of file it is, at a glance. */
export function FileGlyph({ name, contentType }: FileGlyphProps) {
  if (isVoiceNote({ name })) return <Glyph icon="mic" tone={3} />
  const extension = extensionOf(name)
  const [icon, tone] = familyOf(extension.toLowerCase(), contentType)
  return <Glyph icon={icon} tone={tone} words={extension} />
}

function Glyph({ icon, tone, words }: { icon: IconName; tone: number; words?: string }) {
  return (
    <span class={`glyph tone-${String(tone)}`} aria-hidden="true">
      <Icon name={icon} />
      {words}
    </span>
  )
}

function familyOf(extension: string, contentType: string): readonly [IconName, number] {
  const family = FAMILIES.find(([, , pattern]) => pattern.test(extension))
  if (family !== undefined) return [family[0], family[1]]
  if (contentType.startsWith('image/')) return ['image', 4]
  if (contentType.startsWith('video/')) return ['film', 2]
  return contentType.startsWith('audio/') ? ['music', 5] : ['file', 7]
}
