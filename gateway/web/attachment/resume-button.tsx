import { FileChooser } from './file-chooser.tsx'

interface ResumeButtonProps {
  readonly name: string
  readonly onResume: (file: File) => void
}

/** Asks for the file of an interrupted upload: a page that was left cannot keep it. */
export function ResumeButton({ name, onResume }: ResumeButtonProps) {
  return (
    <FileChooser
      label="Continue"
      title={`Choose ${name} again to go on sending it`}
      inputLabel={`${name} again`}
      onChoose={onResume}
    />
  )
}
