import FoundationEssentials

/// The body of `cards/:card_id/batch_update`.
struct CardUpdate: Equatable, StrictBody {
  var uuid: String?
  var sequence: Int
  /// JSON inside JSON: a list of actions, as one string.
  var actions: String

  init(uuid: String? = nil, sequence: Int, actions: String) {
    self.uuid = uuid
    self.sequence = sequence
    self.actions = actions
  }

  /// What is wrong with the actions, and with which of them; nil if nothing is.
  var wrongAction: String? {
    if !StrictJSON.isSound(actions.utf8) { return "actions is not a JSON list" }
    do {
      let actions = try JSONDecoder().decode([CardAction].self, from: Data(actions.utf8))
      if actions.isEmpty { return "actions is an empty list" }
      for (index, action) in actions.enumerated() {
        if let wrong = action.fault { return "action \(index): \(wrong)" }
      }
      return nil
    } catch DecodingError.keyNotFound(let key, let context) {
      return "\(Self.place(context.codingPath)): \(key.stringValue) is missing"
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context)
    {
      return "\(Self.place(context.codingPath)) is of the wrong type"
    } catch {
      return "actions is not a JSON list"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard let index = path.first?.intValue else { return "actions" }
    let rest = path.dropFirst().map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(
      separator: ".")
    return rest.isEmpty ? "action \(index)" : "action \(index): \(rest)"
  }
}

/// One action, as far as its form is documented. What an element contains is not checked.
private struct CardAction: Decodable {
  struct Element: Decodable { var tag: String }

  struct Settings: Decodable {
    var config: JSONObject?
    var card_link: JSONObject?

    var isEmpty: Bool { config == nil && card_link == nil }
  }

  struct Parameters: Decodable {
    // Newer pages of the documentation put config and card_link into `settings`, older ones do not.
    var settings: Settings?
    var config: JSONObject?
    var card_link: JSONObject?
    var type: String?
    var target_element_id: String?
    var elements: [Element]?
    var element_ids: [String]?
    var element_id: String?
    var partial_element: JSONObject?
    var element: Element?
  }

  var action: String
  var params: Parameters

  var fault: String? {
    switch action {
    case "partial_update_setting":
      let isEmpty =
        params.config == nil && params.card_link == nil && params.settings?.isEmpty != false
      return isEmpty ? "\(action) needs config or card_link" : nil
    case "add_elements": return faultOfAdding
    case "delete_elements":
      return params.element_ids?.isEmpty == false ? nil : "\(action) needs element_ids"
    case "partial_update_element":
      if params.partial_element == nil { return "\(action) needs partial_element" }
      return params.element_id?.isEmpty == false ? nil : "\(action) needs element_id"
    case "update_element":
      if params.element == nil { return "\(action) needs element" }
      return params.element_id?.isEmpty == false ? nil : "\(action) needs element_id"
    default: return "unknown action '\(action)'"
    }
  }

  private var faultOfAdding: String? {
    switch params.type {
    case "append": break
    case "insert_before", "insert_after":
      if params.target_element_id?.isEmpty != false { return "\(action) needs target_element_id" }
    default: return "\(action) needs a type: insert_before, insert_after or append"
    }
    return params.elements?.isEmpty == false ? nil : "\(action) needs elements"
  }
}
