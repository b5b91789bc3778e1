import { Crowd, type CrowdOptions } from '../channel/crowd.ts'
import type { PeopleShare } from './divide-people.ts'
import { GroupTalkers } from './parts/group-talkers.ts'
import { Returners } from './parts/returners.ts'

/** What a process of the generator may be. Methods are called from outside; what they take and give goes as JSON. */
export const LOAD_PARTS = {
  crowd: (options: CrowdOptions) => new Crowd(options),
  'group-talkers': (share: PeopleShare) => new GroupTalkers(share),
  returners: (share: PeopleShare) => new Returners(share),
}

export type LoadPartName = keyof typeof LOAD_PARTS
export type LoadPart<Name extends LoadPartName> = ReturnType<(typeof LOAD_PARTS)[Name]>
export type LoadPartOptions<Name extends LoadPartName> = Parameters<(typeof LOAD_PARTS)[Name]>[0]
