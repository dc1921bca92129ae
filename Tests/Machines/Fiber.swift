import Glibc

/// A thread that runs only while the scene waits for it: there is one line of action, and one clock.
///
/// A worker's loop does not return while it works, so each process needs a stack of its own. One that is killed is
/// never resumed.
final class Fiber {
  private let turn = Signal()
  private let rest = Signal()
  private let body: () -> Void
  private(set) var isDone = false

  init(_ body: @escaping () -> Void) { self.body = body }

  /// Makes the thread, which waits for the first `resume`.
  func start() {
    var thread = pthread_t()
    let me = Unmanaged.passRetained(self).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { pointer in
        guard let pointer else { return nil }
        Unmanaged<Fiber>.fromOpaque(pointer).takeRetainedValue().live()
        return nil
      }, me)
    precondition(code == 0, "no thread can be made")
    pthread_detach(thread)
  }

  private func live() {
    turn.wait()
    body()
    isDone = true
    rest.give()
  }

  /// Called by the scene: lets the thread run until it pauses or ends.
  func resume() {
    turn.give()
    rest.wait()
  }

  /// Called by the thread.
  func pause() {
    rest.give()
    turn.wait()
  }
}

private final class Signal {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func give() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0 {} }
}
