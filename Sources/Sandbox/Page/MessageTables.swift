import Picture
import Terminal

/// What the members of each message see now.
extension Page {
  static let messagesMax = 20
  static let membersMax = 50

  func messages(at now: Microseconds) -> HTML {
    guard let clients else { return .nothing }
    let shown = clients.messages.latest(Self.messagesMax)
    if shown.isEmpty { return firstMessage(clients) }
    let older = clients.messages.count - shown.count
    let note: HTML =
      older > 0
      ? #"<p class="note">The latest \#(shown.count) of \#(clients.messages.count) messages.</p>"#
      : .nothing
    return "\(verification(clients))\(shown.map { table(of: $0, at: now) })\(note)"
  }

  private func firstMessage(_ clients: Clients) -> HTML {
    """
    <p class="none">No messages yet. Post a link for two members to pull from \
    <code>\(clients.settings.callback.url)</code>:</p>
    <pre>curl \(address)/sandbox/messages -d '{"url":"https://example.com/1041",\
    "chat":"oc_1","members":["ou_1","ou_2"]}'</pre>
    """
  }

  private func verification(_ clients: Clients) -> HTML {
    guard let trouble = clients.verificationTrouble else { return .nothing }
    return """
      <p class="faults">The callback address <code>\(clients.settings.callback.url)</code> is not \
      verified: \(trouble).</p>
      """
  }

  private func table(of message: Message, at now: Microseconds) -> HTML {
    let token: HTML = message.token.map { #" <span class="name">\#($0)</span>"# } ?? .nothing
    let place =
      message.place.hasChat ? "\(message.place.noun) in \(message.chat)" : message.place.noun
    let members = message.views.prefix(Self.membersMax)
    let others = message.views.count - members.count
    let note: HTML =
      others > 0
      ? #"<p class="note">and \#(counted(others, "member", "members")) more</p>"# : .nothing
    return """
      <h3>\(name(message.url))</h3> <span class="rule">\(place)</span>\(token)
      \(tableStart)\(head("Member"))\(head("Sees"))\(head("Drawn"))\(head("Pulls", style: "number"))\
      \(head("Last pull"))</tr></thead><tbody role="rowgroup">
      \(members.map { row(of: $0, at: now) })</tbody></table>\(note)

      """
  }

  private func row(of view: View, at now: Microseconds) -> HTML {
    let card: HTML = view.shown?.card == nil ? .nothing : #" <span class="kind">card</span>"#
    let shown: HTML =
      view.shown.map { "\(name($0.title))\(card)" } ?? #"<span class="meh">the link</span>"#
    let drawn = view.drawn.map { ago($0, at: now) } ?? "–"
    return """
      <tr role="row"><th scope="row" role="rowheader">\(name(view.openID))</th>\
      \(cell("sees", shown))\(cell("when", "\(drawn)"))\(cell("number", "\(view.pulls)"))\
      \(cell("pull", lastPull(of: view)))</tr>

      """
  }

  private func lastPull(of view: View) -> HTML {
    if view.waiting > 0 { return mark("meh", "…", "waiting") }
    if let trouble = view.trouble { return mark("no", "✕", trouble) }
    if view.isFromCache { return mark("meh", "○", "none: from the cache") }
    return mark("yes", "✓", "drawn")
  }
}
