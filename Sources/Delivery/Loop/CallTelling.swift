import Larkspur
import Planning

extension CallRecord {
  init(_ verdict: Verdict, _ answer: Answer, _ finished: FinishedCall) {
    self.init(outcome: verdict.word, sent: finished.call.sent, sentBytes: finished.call.sentBytes)
    switch answer {
    case .neverLeft(let why), .noAnswer(let why): message = why
    case .tooLate: message = answer.summary
    case .reply(let reply):
      status = reply.status
      code = reply.code
      message = reply.message.isEmpty ? nil : reply.message
      logID = reply.logID
    }
    if case .answered(let raw) = finished.outcome { answerBytes = raw.body.count }
  }
}

extension Worker {
  func tellCall(
    _ finished: FinishedCall, _ call: ClaimedCall?, _ verdict: Verdict, _ record: CallRecord,
    account: String, detail: String
  ) {
    state.events.append(
      .called(
        CallReport(
          account: account, api: call.map { $0.channel.kind.api } ?? .auth, call: finished.id,
          lanes: call?.lanes.map(\.name) ?? [], audience: call?.audience,
          took_ms: finished.at - finished.call.started, outcome: record.outcome, detail: detail,
          answer: AnswerFacts(finished.answer), isGood: verdict == .delivered)))
  }

  func tellPause(_ channel: Channel, _ verdict: Verdict, _ answer: Answer, at now: Moment) {
    let record = accounts[channel].record
    guard verdict != .delivered, record.pausedUntil > now else { return }
    state.events.append(
      .paused(
        account: accounts[channel.account].settings.name, channel.kind.api,
        forMilliseconds: record.pausedUntil - now, why: record.pausedWhy ?? "",
        AnswerFacts(answer)))
  }
}
