import Planning

/// The pages of the developer console.
package enum Console {
  /// Where the scopes of an app are granted.
  static func scopes(host: String, appID: String) -> String {
    "\(app(host: host, appID: appID))/auth"
  }

  /// Where a trouble with an app is fixed; nil if it is not fixed in the console.
  package static func page(for trouble: Trouble, host: String, appID: String) -> String? {
    switch trouble {
    case .credentials: app(host: host, appID: appID)
    case .permission: scopes(host: host, appID: appID)
    case .address: nil
    }
  }

  /// Lark's console is another than Feishu's.
  private static func app(host: String, appID: String) -> String {
    let isLark = host.contains("larksuite") || host.contains("larkoffice")
    let console = isLark ? "https://open.larksuite.com" : "https://open.feishu.cn"
    return "\(console)/app/\(path(appID))"
  }

  /// An id is letters, digits and underscores; anything else would be a mistake.
  private static func path(_ id: String) -> String {
    let isPlain = id.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    return isPlain ? id : "APP_ID"
  }
}
