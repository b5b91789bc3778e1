import { installMissing } from './installation.mjs'

installMissing()
