export interface FrameSize {
  readonly width: number
  readonly height: number
}

/** The size within bounds of the longer and the shorter side, never enlarged, both even as encoders want them. */
export function fitFrame(
  { width, height }: FrameSize,
  { longest, shortest }: { readonly longest: number; readonly shortest: number },
): FrameSize {
  const factor = Math.min(1, longest / Math.max(width, height), shortest / Math.min(width, height))
  const even = (side: number): number => Math.max(2, Math.round((side * factor) / 2) * 2)
  return { width: even(width), height: even(height) }
}

/** Frames of square pixels; ffmpeg has turned them upright before. */
export function scaleFilter({ width, height }: FrameSize): string {
  return `scale=${String(width)}:${String(height)},setsar=1,format=yuv420p`
}
