/** Goes on at the same place with another file; plays if it played, or had yet to begin. */
export function changeSource(element: HTMLVideoElement, url: string): void {
  const { currentTime, paused, autoplay, played } = element
  const isToPlay = !paused || (autoplay && played.length === 0)
  element.autoplay = isToPlay
  element.src = url
  // Before anything is loaded this is where playing begins.
  element.currentTime = currentTime
  // Refused where the browser wants to be asked first: the controls are there.
  if (isToPlay) element.play().catch(() => undefined)
}
