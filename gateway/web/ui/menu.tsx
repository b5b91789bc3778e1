import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks'

interface MenuProps {
  readonly label: string
  /** The button that opened it: the menu stands beside it and gives the focus back to it. */
  readonly anchor: HTMLElement
  readonly onClose: () => void
  readonly class?: string
  readonly children: ComponentChildren
}

const EDGE = 8

/**
 * Buttons over everything else: arrow keys move between them, Escape and a click elsewhere close. It stays beside
 * its button, which what comes in meanwhile moves.
 */
export function Menu({ label, anchor, onClose, class: className = '', children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = menu.current
    if (element === null) return undefined
    // In the top layer nothing around the button can cut it off or cover it.
    element.showPopover()
    place(element, anchor)
    buttonsOf(element)[0]?.focus({ preventScroll: true })
    return () => {
      // Who has gone on to something else keeps the focus there.
      if (element.contains(document.activeElement)) anchor.focus({ preventScroll: true })
    }
  }, [anchor])
  useEffect(() => {
    const closeOutside = (event: Event): void => {
      if (event.target instanceof Node && menu.current?.contains(event.target) === true) return
      onClose()
    }
    addEventListener('pointerdown', closeOutside, true)
    addEventListener('focusin', closeOutside)
    return () => {
      removeEventListener('pointerdown', closeOutside, true)
      removeEventListener('focusin', closeOutside)
    }
  }, [onClose])
  useEffect(() => {
    // Lists move without scrolling while they do not fill the screen.
    let frame = requestAnimationFrame(function follow() {
      if (menu.current === null || !isInWindow(anchor)) {
        onClose()
        return
      }
      place(menu.current, anchor)
      frame = requestAnimationFrame(follow)
    })
    return () => cancelAnimationFrame(frame)
  }, [anchor, onClose])
  return (
    <div
      ref={menu}
      class={`menu ${className}`}
      role="menu"
      popover="manual"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === 'Escape' || event.key === 'Tab') onClose()
        else if (!moveFocus(menu.current, event.key)) return
        event.preventDefault()
        event.stopPropagation()
      }}
    >
      {children}
    </div>
  )
}

function buttonsOf(menu: HTMLElement | null): readonly HTMLButtonElement[] {
  return [...(menu?.querySelectorAll('button') ?? [])]
}

function moveFocus(menu: HTMLElement | null, key: string): boolean {
  const buttons = buttonsOf(menu)
  const at = buttons.findIndex((button) => button === document.activeElement)
  const columns = menu === null ? 1 : getComputedStyle(menu).gridTemplateColumns.split(' ').length
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: columns,
    ArrowUp: -columns,
    ArrowRight: 1,
    ArrowLeft: -1,
    Home: -at,
    End: buttons.length - 1 - at,
  }
  const step = steps[key]
  if (step === undefined) return false
  buttons[(at + step + buttons.length) % buttons.length]?.focus()
  return true
}

function isInWindow(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect()
  return element.isConnected && bottom > 0 && top < innerHeight
}

/** Below the anchor, or above where there is no room; never over an edge of the window. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const { width, height } = menu.getBoundingClientRect()
  const at = anchor.getBoundingClientRect()
  const below = at.bottom + 4
  const top = below + height + EDGE > innerHeight ? at.top - height - 4 : below
  const left = Math.min(at.left, innerWidth - width - EDGE)
  menu.style.top = `${String(Math.max(EDGE, top))}px`
  menu.style.left = `${String(Math.max(EDGE, left))}px`
}
