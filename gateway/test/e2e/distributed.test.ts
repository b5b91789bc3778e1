// End-to-end files once more, on several processes and real servers.
process.env['SATCHEL_TEST_BACKEND'] = 'distributed'

await import('./conversation.e2e.test.ts')
await import('./readme-example.test.ts')
