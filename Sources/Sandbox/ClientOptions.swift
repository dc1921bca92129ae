import Terminal

/// The clients, which are there if the sandbox was given a callback address.
struct ClientSettings: Equatable {
  var callback: CallbackAddress
  var verificationToken = "v-sandbox"
  var encryptKey: String?
  /// How long a preview is served again for the same URL; 0 is never.
  var cacheLifetime: Microseconds = 0
  /// Callbacks in flight. More clients than this wait for their turn.
  var callbacksMax = Self.usualCallbacksMax
  static let usualCallbacksMax = 100
}

/// Reads the clients' settings from the command line.
extension ClientSettings {
  static let options = ["--callback", "--verification-token", "--encrypt-key", "--client-cache"]
    .map { Option($0, .one) }

  /// Nil without a callback address.
  static func read(_ options: Options) throws(Failure) -> ClientSettings? {
    guard let address = options.one("--callback") else {
      // These two are for tickets as well.
      let shared = options.has("--ticket-url") ? ["--verification-token", "--encrypt-key"] : []
      for option in Self.options where options.has(option.name) && !shared.contains(option.name) {
        throw Failure(
          .usage, "\(option.name) needs --callback, the address that clients pull previews from")
      }
      return nil
    }
    var settings = ClientSettings(callback: try CallbackAddress(parsing: address))
    if let token = options.one("--verification-token") { settings.verificationToken = token }
    settings.encryptKey = options.one("--encrypt-key")
    if settings.encryptKey == "" {
      throw Failure(.usage, "--encrypt-key is empty; leave it out to send callbacks unencrypted")
    }
    if let seconds = try options.number("--client-cache", 0...86_400) {
      settings.cacheLifetime = seconds * 1_000_000
    }
    return settings
  }
}
