// Everything in the sandbox has sharp from here, where importing it shuts out every decoder but those of the types we
// make previews of: no module can open a picture before.

import sharp from 'sharp'

sharp.cache(false)
sharp.concurrency(1)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    // Of what it reads, this build decodes AVIF alone.
    'VipsForeignLoadHeif',
  ],
})

export { sharp }
