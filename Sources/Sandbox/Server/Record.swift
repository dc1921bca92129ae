import Basics
import Glibc
import Terminal

/// One request and its outcome: one line of JSON in the record.
struct RecordLine {
  /// Requests are numbered in the order of their arrival; the lines come in the order of the answers.
  var number: Int
  var arrived: Microseconds
  /// Nil if there was no answer, or nobody to receive it.
  var answered: Microseconds?
  var request: Request
  var judgement: Judgement

  var text: String {
    let seen = answered == nil ? (status: nil, code: nil) : judgement.seen
    let line = JSONText.object([
      "n": String(number),
      "arrived_us": String(arrived),
      "answered_us": JSONText.number(answered),
      "method": JSONText.string(request.method),
      "path": JSONText.string(request.target),
      "headers": headers,
      "body": JSONText.string(body),
      "app": JSONText.string(judgement.app),
      "preview_tokens": JSONText.array(previews?.previewTokens),
      "open_ids": JSONText.array(previews?.openIDs),
      "card": JSONText.string(card?.id),
      "uuid": JSONText.string(card?.update?.uuid),
      "sequence": JSONText.number(card?.update?.sequence),
      "session": JSONText.string(session),
      "status": JSONText.number(seen.status),
      "code": JSONText.number(seen.code),
      "verdict": JSONText.string(judgement.verdict.rawValue),
      "early": JSONText.array(judgement.early),
      "fault": JSONText.string(judgement.fault?.rawValue),
      "applied": String(judgement.applied),
      "log_id": JSONText.string(request.logID),
    ])
    // The line may be read on a terminal.
    return printableJSON(line)
  }

  private var previews: PreviewUpdate? {
    if case .previews(let update) = judgement.asked { update } else { nil }
  }

  private var card: (id: String, update: CardUpdate?)? {
    if case .card(let id, let update) = judgement.asked { (id, update) } else { nil }
  }

  private var session: String? {
    if case .session(let id, _) = judgement.asked { id } else { nil }
  }

  private var headers: String {
    let pairs = request.headers.map { "\(JSONText.string($0.name)):\(JSONText.string($0.value))" }
    return "{\(pairs.joined(separator: ","))}"
  }

  /// The body as it was sent, without secrets.
  private var body: String? {
    switch judgement.asked {
    case .accessToken(let credentials): credentials?.redacted
    case .oauth(let credentials): credentials?.redacted
    case .store(let request): request?.redacted
    case nil: nil
    default: String(decoding: request.body, as: UTF8.self)
    }
  }
}

/// The file that records what the sandbox was asked. A line is written before its answer is sent,
/// so that a client that has an answer finds it in the record.
struct RecordFile: ~Copyable {
  private let descriptor: Int32
  private let path: String

  init(appendingTo path: String) throws(Failure) {
    // Non-blocking, because a pipe that nobody reads would keep the sandbox from ever starting or
    // ending.
    let flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK
    descriptor = open(path, flags, 0o600)
    self.path = path
    if descriptor < 0 {
      let why = errno == ENXIO ? "no process reads it" : systemMessage()
      throw Failure(
        .databaseNotCreated,
        "cannot write record '\(printable(path))': \(why); give a file in an existing folder")
    }
  }

  deinit { close(descriptor) }

  /// A record with holes would prove nothing, so a line that cannot be written is an error.
  func append(_ line: RecordLine) throws(Failure) {
    var text = line.text + "\n"
    var written = 0
    let isComplete = text.withUTF8 { bytes in
      while written < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[written...])
        let count = write(descriptor, rest.baseAddress, rest.count)
        if count > 0 {
          written += count
        } else if errno != EINTR && !(errno == EAGAIN && waitForReader()) {
          return false
        }
      }
      return true
    }
    if isComplete { return }
    let why = errno == EAGAIN ? "its reader is too slow" : systemMessage()
    takeBack(written)
    throw Failure(
      .databaseNotUsable, "cannot write record '\(printable(path))': \(why)")
  }

  /// Gives the reader of a pipe 1 s to make room.
  private func waitForReader() -> Bool {
    var pipe = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    if poll(&pipe, 1, 1_000) > 0 { return true }
    errno = EAGAIN
    return false
  }

  /// Removes an incomplete line, which would also spoil the first line of the next run.
  private func takeBack(_ bytes: Int) {
    var status = stat()
    if bytes > 0 && fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG {
      ftruncate(descriptor, status.st_size - bytes)
    }
  }
}
