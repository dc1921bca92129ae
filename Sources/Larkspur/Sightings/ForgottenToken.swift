/// What has gone with a token.
struct ForgottenToken {
  var viewers = 0
  /// The token itself, unless another program was faster.
  var previews = 0
  /// False if it has more viewers than were to go at once.
  var isGone = false
}

extension Connection {
  /// Forgets a token with its tags and its viewers, but at most this many of the viewers. The token
  /// itself goes with the last of them.
  borrowing func forgetToken(
    _ id: Int, viewersAtMost most: Int
  ) throws(StoreError) -> ForgottenToken {
    var gone = ForgottenToken()
    try execute(
      """
      delete from viewer where token_id = ?1 and open_id in (
        select open_id from viewer where token_id = ?1 limit ?2)
      """, .int(id), .int(most))
    gone.viewers = changes
    if gone.viewers == most { return gone }
    try execute("delete from tag where token_id = ?", .int(id))
    try execute("delete from known_token where id = ?", .int(id))
    gone.previews = changes
    gone.isGone = true
    return gone
  }
}
