import Dispatch

/// Runs an actor's work on a dispatch queue of its own.
package final class QueueExecutor: SerialExecutor {
  private let queue = DispatchQueue(label: "larkspur.queue")

  package init() {}

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
