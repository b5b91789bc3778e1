import { initialsOf } from './initials.ts'
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
