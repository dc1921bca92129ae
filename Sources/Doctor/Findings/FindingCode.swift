import Terminal

/// What a finding is about. The words are an interface: they never change, and new ones are added.
package enum FindingCode: String, CaseIterable, Sendable {
  // The queue's file.
  case queueFile = "queue_file"
  case names
  case folder
  case fileSystem = "file_system"
  case owner
  case fileMode = "file_mode"
  case lockFile = "lock_file"
  case sideFiles = "side_files"
  case database, schema, integrity
  case logSize = "log_size"
  case diskSpace = "disk_space"
  case inodes
  // Its worker.
  case worker
  case workerVersion = "worker_version"
  case stuck
  // The clocks.
  case bootID = "boot_id"
  case wallClock = "wall_clock"
  case queueClock = "queue_clock"
  // The configuration.
  case configuration, account, secret
  case secretMode = "secret_mode"
  case ticketAge = "ticket_age"
  case limits, reload
  case unconfiguredAccount = "unconfigured_account"
  case accountParked = "account_parked"
  // The limits of the machine.
  case inotify
  case inotifyLimits = "inotify_limits"
  case fileSizeLimit = "file_size_limit"
  // Feishu.
  case proxy, connection, host
  case accessToken = "access_token"
  case scope
  case serverClock = "server_clock"
}

/// The words are an interface.
package enum Area: String, CaseIterable, Sendable {
  case queue, worker, clock, configuration, machine, online
}

extension FindingCode {
  package var area: Area {
    switch self {
    case .queueFile, .names, .folder, .fileSystem, .owner, .fileMode, .lockFile, .sideFiles,
      .database, .schema, .integrity, .logSize, .diskSpace, .inodes:
      .queue
    case .worker, .workerVersion, .stuck: .worker
    case .bootID, .wallClock, .queueClock: .clock
    case .configuration, .account, .secret, .secretMode, .ticketAge, .limits, .reload,
      .unconfiguredAccount,
      .accountParked:
      .configuration
    case .inotify, .inotifyLimits, .fileSizeLimit: .machine
    case .proxy, .connection, .host, .accessToken, .scope, .serverClock: .online
    }
  }

  /// The grades that a finding with this code can have. There is a test for each.
  package var grades: Set<Finding.Grade> {
    switch self {
    case .queueFile: [.fine, .warn, .wrong, .unknown]
    case .names: [.fine, .wrong]
    case .folder: [.fine, .warn, .wrong]
    case .fileSystem: [.fine, .warn, .wrong, .unknown]
    case .owner: [.fine, .warn, .wrong]
    case .fileMode: [.fine, .warn, .wrong]
    case .lockFile: [.wrong]
    case .sideFiles: [.wrong]
    case .database: [.wrong, .unknown]
    case .schema: [.fine, .warn, .wrong]
    case .integrity: [.fine, .wrong, .unknown]
    case .logSize: [.fine, .warn, .unknown]
    case .diskSpace: [.fine, .warn, .wrong, .unknown]
    case .inodes: [.warn, .wrong]
    case .worker: [.fine, .warn, .wrong, .unknown]
    case .workerVersion: [.fine, .warn]
    case .stuck: [.wrong]
    case .bootID: [.fine, .warn]
    case .wallClock: [.fine, .warn, .wrong]
    case .queueClock: [.fine, .warn]
    case .configuration: [.fine, .wrong, .unknown]
    case .account: [.fine]
    case .secret: [.wrong, .unknown]
    case .secretMode: [.warn]
    case .ticketAge: [.warn]
    case .limits: [.warn]
    case .reload: [.warn]
    case .unconfiguredAccount: [.wrong, .unknown]
    case .accountParked: [.wrong]
    case .inotify: [.fine, .wrong]
    case .inotifyLimits: [.fine, .warn, .unknown]
    case .fileSizeLimit: [.warn]
    case .proxy: [.fine, .wrong]
    case .connection: [.fine, .wrong]
    case .host: [.wrong]
    case .accessToken: [.fine, .warn, .wrong, .unknown]
    case .scope: [.fine, .wrong, .unknown]
    case .serverClock: [.fine, .warn, .unknown]
    }
  }

  /// The exit code of what is wrong, unless the finding has one of its own.
  var exit: ExitCode {
    switch self {
    case .secret, .accountParked, .accessToken, .scope: .noPermission
    case .host: .configuration
    default:
      switch area {
      case .queue, .machine: .databaseNotUsable
      case .worker: .timeIsUp
      case .clock, .configuration: .configuration
      case .online: .unreachable
      }
    }
  }
}
