/** Where a video is, and whether it goes on from there by itself. */
export interface VideoPlace {
  readonly seconds: number
  readonly isToPlay: boolean
}

/** It is to play if it plays, or has yet to begin. An element that lost its source has forgotten both. */
export function readPlace(element: HTMLVideoElement): VideoPlace {
  const { currentTime, paused, autoplay, played } = element
  return { seconds: currentTime, isToPlay: !paused || (autoplay && played.length === 0) }
}

/** Goes on at that place, by default the same, with another file. */
export function changeSource(
  element: HTMLVideoElement,
  url: string,
  { seconds, isToPlay }: VideoPlace = readPlace(element),
): void {
  element.autoplay = isToPlay
  element.src = url
  // Before anything is loaded this is where playing begins.
  element.currentTime = seconds
  // Refused where the browser wants to be asked first: the controls are there.
  if (isToPlay) element.play().catch(() => undefined)
}
