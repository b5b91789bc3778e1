// Drawn on a grid of 24, as strokes.
const PATHS = {
  back: 'M15 5l-7 7 7 7',
  forward: 'M9 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  compose: 'M12 20h8M4 20l1-4L16.500 4.500a2.100 2.100 0 0 1 3 3L8 19z',
  group:
    'M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c0-3.500 2.900-5.500 6.500-5.500s6.500 2 6.500 5.500M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14.900c2.200.8 3.500 2.500 3.500 5.100',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c0-4 3.400-6 7.500-6s7.500 2 7.500 6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20.500 20.500L16 16',
  attach:
    'M20 11.500l-8.200 8.200a5.200 5.200 0 0 1-7.400-7.400l8.500-8.500a3.500 3.500 0 0 1 5 5l-8.500 8.500a1.700 1.700 0 0 1-2.500-2.500l7.800-7.700',
  send: 'M12 19V5M5.500 11.500L12 5l6.500 6.500',
  smile:
    'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM8.500 14.500c.8 1.200 2 1.800 3.500 1.800s2.700-.6 3.500-1.800M9 9.500v.4M15 9.500v.4',
  reply: 'M10 6L4 12l6 6M4.500 12H14c3.500 0 6 2.200 6 6',
  more: 'M5.500 12h.01M12 12h.01M18.500 12h.01',
  edit: 'M4 20l1-4L16.500 4.500a2.100 2.100 0 0 1 3 3L8 19z',
  trash: 'M4.500 7h15M9.500 7V4.500h5V7M6.500 7l.9 12.500h9.200L17.500 7M10 11v5M14 11v5',
  copy: 'M9 9h10.500v10.500H9zM5 15H4.500V4.500H15V5',
  download: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  down: 'M12 5v14M5.500 12.500L12 19l6.500-6.500',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  checks: 'M2 12.500l4.500 4.500L16 7.500M11.500 16.500l.5.500L21.500 7.500',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2',
  warning: 'M12 4L2.500 20h19zM12 10v4.500M12 17.300v.1',
  image: 'M4 4.500h16v15H4zM4 16l4.500-4.500 4 4 3-3L20 17M15.500 9v.01',
  file: 'M6 3.500h8l4.500 4.500v12.500H6zM14 3.500V8h4.500',
  leave: 'M14 4.500h5v15h-5M10 8l-4 4 4 4M6.500 12H15',
  add: 'M12 5v14M5 12h14',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8v.01',
  retry: 'M19.500 5v5h-5M19 10a7.500 7.500 0 1 0 .5 4.500',
  pin: 'M9 4h6l-.8 6 3.300 3.500V15h-11v-1.500L9.800 10zM12 15v5.500',
  unpin: 'M9 4h6l-.8 6 3.300 3.500V15h-11v-1.500L9.800 10zM12 15v5.500M4 4l16 16',
  list: 'M8 6.500h12M8 12h12M8 17.500h12M4 6.500h.01M4 12h.01M4 17.500h.01',
  hidden:
    'M4 4l16 16M9.900 9.900a3 3 0 0 0 4.200 4.200M6.500 6.700C4 8.400 2.500 12 2.500 12s3.500 6.500 9.500 6.500c1.900 0 3.500-.6 4.900-1.500M10 5.700c.6-.1 1.300-.2 2-.2 6 0 9.500 6.500 9.500 6.500s-.9 1.700-2.500 3.300',
} as const

export type IconName = keyof typeof PATHS

/** A picture that repeats what the words or the label beside it say. */
export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={name === 'more' ? 3 : 1.9}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
