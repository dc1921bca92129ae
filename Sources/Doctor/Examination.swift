import Basics
import Configuring
import Delivery
import Glibc
import Larkspur
import Planning
import QueueAccess
import Terminal

/// Everything that can be checked, in order: what the others rest on comes first.
package struct Examination {
  private let arguments: DoctorArguments
  private let network: Network?
  private let path: String
  /// The path without links.
  private let real: String
  private let configuration: ConfigurationReading
  private let secrets: Secrets
  private(set) var findings: [Finding] = []
  private var reading = QueueReading()

  /// Prints each finding as soon as it is known, and returns the exit code of the worst. `network`
  /// is for `--online`.
  package static func run(
    _ arguments: DoctorArguments, network: Network? = nil
  ) throws(Failure) -> ExitCode {
    if let report = arguments.report { try ReportFile.check(report) }
    var examination = try Examination(arguments, network)
    examination.look()
    let findings = examination.findings
    if let report = arguments.report {
      try ReportFile.write(examination.report.text, to: report)
    }
    if !arguments.isQuiet {
      Output.sentence(findings.tally)
      if let report = arguments.report {
        Output.sentence("wrote \(report); read it before you give it to anybody")
      }
    }
    return findings.exitCode(isStrict: arguments.isStrict)
  }

  init(_ arguments: DoctorArguments, _ network: Network?) throws(Failure) {
    self.arguments = arguments
    self.network = network
    path = try QueuePlace(flag: arguments.database).path
    real = QueueFile.realPath(path)
    configuration = ConfigurationReading(flag: arguments.config)
    secrets = Secrets(of: (try? configuration.accounts.get()) ?? [])
  }

  private mutating func tell(_ finding: Finding) {
    findings.append(finding)
    Output.result(arguments.wantsJSON ? finding.json : finding.line)
  }

  private mutating func tell(_ all: [Finding]) { for finding in all { tell(finding) } }

  mutating func look() {
    let isThere = lookAtFile()
    let sight = WorkerLock.sight(queue: path)
    let now = SystemClocks.read(boot: SystemClocks.bootID())
    if isThere {
      tell(
        WorkerCheck(
          sight: sight, now: now, isAwaited: reading.pending.map { !$0.isEmpty },
          oldestWait: reading.oldestWait, isOnline: arguments.isOnline
        ).findings())
    }
    tell(ClockCheck(now: now, row: reading.clock).findings())
    tell(
      ConfigurationCheck(
        reading: configuration, rows: reading.accounts, pending: reading.pending,
        isWorked: sight.owner != nil, owner: FileFacts(real)?.owner, only: arguments.account,
        readSecret: secrets.read
      ).findings())
    tell(MachineCheck(folder: isThere ? parentFolder(of: real) : "/").findings())
    lookOnline()
  }

  /// Whether there is a file that can be a queue.
  private mutating func lookAtFile() -> Bool {
    let file = QueueFileCheck.findings(at: path)
    tell(file)
    guard file.contains(where: { $0.grade == .fine && $0.code == .queueFile }) else { return false }
    let disk = DiskFacts(real)
    tell(FileSystemCheck.finding(of: real, kind: FileSystemCheck.kind(of: real)))
    tell(FolderCheck.finding(of: real, isReadOnly: disk?.isReadOnly ?? false))
    tell(OwnershipCheck(path: real).findings())
    tell(DiskCheck.findings(disk, of: real, size: FileFacts(real)?.size ?? 0))
    // Before the queue is opened, which would drop locks.
    tell(LogCheck.finding(LogBacklog(queue: real), of: real))
    let result = DatabaseCheck.read(real)
    reading = (try? result.get()) ?? QueueReading()
    tell(DatabaseCheck.findings(result, of: path))
    return true
  }

  private mutating func lookOnline() {
    guard let network, case .success(let all) = configuration.accounts else { return }
    var found: [Finding] = []
    let accounts = all.filter { arguments.account == nil || $0.name == arguments.account }
    // Shown when all of a host is known: the connection and its first account belong together.
    OnlineCheck(
      accounts: accounts, kinds: reading.kinds, network: network,
      environment: environmentVariables(), readSecret: Self.reading(by: secrets),
      now: { SystemClocks.read(boot: nil).wall }, sinceBoot: SystemClocks.sinceBoot
    ).findings { found.append($0) }
    tell(found)
  }

  /// A named pipe is left to the worker.
  private static func reading(
    by secrets: Secrets
  ) -> (SecretSource) -> Result<String, SecretProblem> {
    { source in
      if case .file(let path) = source, SecretCheck.isNamedPipe(path) {
        return .failure(SecretProblem("its secret is in a pipe"))
      }
      return secrets.read(source)
    }
  }

  var report: Report {
    Report(
      findings: findings, queue: path, library: network?.library,
      accounts: (try? configuration.accounts.get()) ?? [], readSecret: Self.reading(by: secrets))
  }
}
