/** The people one process of the generator is. */
export interface PeopleShare {
  /** Names are numbered from here. */
  readonly firstUser: number
  readonly users: number
  /** Of the gateways: each person has one of them. */
  readonly ports: readonly number[]
  readonly tokenSecret: string
}

/** Leaves room for what a process has open besides: here it may have 20,000 files. */
const USERS_PER_PROCESS = 17_000

export interface DividedPeople {
  readonly users: number
  /** At least; more where one may not have files enough. */
  readonly processes: number
  /** Nobody's group is torn: shares are multiples of it, but for the last. */
  readonly groupSize?: number
  readonly ports: readonly number[]
  readonly tokenSecret: string
}

/** Shares that are as equal as may be. */
export function dividePeople(people: DividedPeople): readonly PeopleShare[] {
  const { users, groupSize = 1, ports, tokenSecret } = people
  const processes = Math.max(people.processes, Math.ceil(users / USERS_PER_PROCESS))
  const groups = Math.ceil(users / groupSize)
  const starts = Array.from({ length: processes + 1 }, (_, index) =>
    Math.min(users, Math.floor((groups * index) / processes) * groupSize),
  )
  return starts.slice(0, -1).flatMap((firstUser, index) => {
    const share = (starts[index + 1] ?? users) - firstUser
    return share === 0 ? [] : [{ firstUser, users: share, ports, tokenSecret }]
  })
}
