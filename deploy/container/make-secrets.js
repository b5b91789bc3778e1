// node make-secrets.js FOLDER NAME…: puts a secret into each file that is not there yet. Those that are there stay, so that
// tokens, links and the store's key outlive every restart.

import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SECRET_BYTES = 32
const [folder = '.', ...names] = process.argv.slice(2)

for (const name of names) {
  const path = join(folder, name)
  if (existsSync(path)) continue
  const draft = `${path}.draft`
  const secret = randomBytes(SECRET_BYTES).toString('base64url')
  // For every user: the containers that mount this folder run as several.
  writeFileSync(draft, secret, { mode: 0o444, flush: true })
  // Never a half-written file under the name that others read.
  linkSync(draft, path)
  unlinkSync(draft)
  console.log(`made ${name}`)
}
