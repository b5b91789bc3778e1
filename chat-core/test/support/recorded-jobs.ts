import type { Job, JobQueue } from '../../src/ports/job-queue.ts'

/** A queue that nobody works on. */
export class RecordedJobs implements Pick<JobQueue, 'enqueue'> {
  readonly jobs = new Map<string, Job>()

  enqueue(id: string, job: Job): Promise<void> {
    this.jobs.set(id, job)
    return Promise.resolve()
  }
}
