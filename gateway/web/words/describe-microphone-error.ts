const WORDS: Readonly<Record<string, string>> = {
  NotAllowedError:
    'This page may not use the microphone. Allow it in the browser’s settings for this page, and try again.',
  NotFoundError: 'No microphone was found.',
  NotReadableError: 'The microphone is used by another program.',
  NotSupportedError: 'This browser cannot record.',
  // Without a secure connection browsers hide the microphone altogether.
  TypeError: 'Recording needs a secure connection (https).',
}

/** Why nothing can be recorded, and what to do about it. */
export function describeMicrophoneError(error: unknown): string {
  const name = error instanceof Error ? error.name : ''
  return WORDS[name] ?? 'The microphone could not be used.'
}
