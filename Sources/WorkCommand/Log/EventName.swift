import Delivery

/// What programs call an event. The words are an interface: they never change, and new ones are
/// added.
enum EventName: String, CaseIterable {
  case started, called, died, parked, unparked, paused, recovered
  case storeFailed = "store_failed"
  case storeRecovered = "store_recovered"
  case unknownAccount = "unknown_account"
  case accountAdded = "account_added"
  case accountChanged = "account_changed"
  case accountRemoved = "account_removed"
  case configurationUnchanged = "configuration_unchanged"
  case configurationUnusable = "configuration_unusable"
  case secretMissing = "secret_missing"
  case userTokenMissing = "user_token_missing"
  case secretFound = "secret_found"
  case alreadyRunning = "already_running"
  case failed, stopped
}

extension LogEvent {
  var name: EventName {
    switch self {
    case .started: .started
    case .happened(let event): Self.name(event)
    case .alreadyRunning: .alreadyRunning
    case .failed: .failed
    case .stopped: .stopped
    }
  }

  private static func name(_ event: WorkEvent) -> EventName {
    switch event {
    case .called: .called
    case .died: .died
    case .parked: .parked
    case .unparked: .unparked
    case .paused: .paused
    case .recovered: .recovered
    case .storeFailed: .storeFailed
    case .storeRecovered: .storeRecovered
    case .unknownAccount: .unknownAccount
    case .accountAdded: .accountAdded
    case .accountChanged: .accountChanged
    case .accountRemoved: .accountRemoved
    case .configurationUnchanged: .configurationUnchanged
    case .configurationUnusable: .configurationUnusable
    case .secretMissing: .secretMissing
    case .userTokenMissing: .userTokenMissing
    case .secretFound: .secretFound
    }
  }
}
