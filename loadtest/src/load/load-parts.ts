import { BareCrowd } from '../channel/bare-crowd.ts'
import { Crowd, type CrowdOptions } from '../channel/crowd.ts'
import type { PeopleShare } from './divide-people.ts'
import { DayPeople } from './parts/day-people.ts'
import { GroupTalkers } from './parts/group-talkers.ts'
import { HistoryReaders } from './parts/history-readers.ts'
import { Returners } from './parts/returners.ts'
import { Uploaders } from './parts/uploaders.ts'
import { UploadHolders } from './parts/upload-holders.ts'

/** What a process of the generator may be. Methods are called from outside; what they take and give goes as JSON. */
export const LOAD_PARTS = {
  'bare-crowd': (share: PeopleShare) => new BareCrowd(share),
  crowd: (options: CrowdOptions) => new Crowd(options),
  'day-people': (share: PeopleShare) => new DayPeople(share),
  'group-talkers': (share: PeopleShare) => new GroupTalkers(share),
  'history-readers': (share: PeopleShare) => new HistoryReaders(share),
  returners: (share: PeopleShare) => new Returners(share),
  uploaders: (share: PeopleShare) => new Uploaders(share),
  'upload-holders': (share: PeopleShare) => new UploadHolders(share),
}

export type LoadPartName = keyof typeof LOAD_PARTS
export type LoadPart<Name extends LoadPartName> = ReturnType<(typeof LOAD_PARTS)[Name]>
export type LoadPartOptions<Name extends LoadPartName> = Parameters<(typeof LOAD_PARTS)[Name]>[0]
