import { toneOf } from './tone-of.ts'

interface AvatarProps {
  /** Decides the colour. */
  readonly id: string
  readonly name: string
  readonly size?: 'small' | 'large'
  readonly group?: boolean
  readonly online?: boolean
}

/** The first letters of a name on its colour; decoration, since the name always stands beside it. */
export function Avatar({ id, name, size, group = false, online = false }: AvatarProps) {
  const classes = ['avatar', toneOf(id), size ?? '', group ? 'group' : '']
  return (
    <span class={classes.join(' ')} aria-hidden="true">
      {initialsOf(name)}
      {online && <span class="online" />}
    </span>
  )
}

function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return letters
    .map((word) => String.fromCodePoint(word?.codePointAt(0) ?? 32).trim())
    .join('')
    .toUpperCase()
}
