// What the image's HEALTHCHECK runs: succeeds while the process of this container is ready. Every role serves /ready.

const port = process.env['SATCHEL_PORT'] ?? '7700'
const deadlineMs = 2_500

try {
  const response = await fetch(`http://127.0.0.1:${port}/ready`, {
    signal: AbortSignal.timeout(deadlineMs),
  })
  console.log(`${String(response.status)} ${await response.text()}`)
  process.exitCode = response.ok ? 0 : 1
} catch (error) {
  console.error(String(error))
  process.exitCode = 1
}
