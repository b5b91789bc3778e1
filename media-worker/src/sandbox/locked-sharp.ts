// Everything in the sandbox has sharp from here: every decoder is shut out but those of the types we make previews of.

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
