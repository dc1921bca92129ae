import Doctor
import Planning

/// The help topics, each with its text.
enum HelpTopic: Equatable {
  case overview
  case enqueue, status, list, explain, plan, forecast, doctor, metrics, report, top, retry, cancel
  case resume, prune
  case saw, forget, create, demo, man, completions
  case enqueueKind(Aim)

  /// `work`, `ticket` and `sandbox` print their own help.
  init(_ name: CommandName) {
    switch name {
    case .enqueue: self = .enqueue
    case .status: self = .status
    case .list: self = .list
    case .explain: self = .explain
    case .plan: self = .plan
    case .forecast: self = .forecast
    case .doctor: self = .doctor
    case .metrics: self = .metrics
    case .report: self = .report
    case .top: self = .top
    case .retry: self = .retry
    case .cancel: self = .cancel
    case .resume: self = .resume
    case .prune: self = .prune
    case .saw: self = .saw
    case .forget: self = .forget
    case .create: self = .create
    case .demo: self = .demo
    case .man: self = .man
    case .completions: self = .completions
    case .work, .ticket, .sandbox, .help: self = .overview
    }
  }

  /// Help for the kind named after `enqueue`, if there is one.
  init(_ name: CommandName, kind word: String?) {
    let kind = name == .enqueue ? word.flatMap(Aim.init(rawValue:)) : nil
    self = kind.map(HelpTopic.enqueueKind) ?? HelpTopic(name)
  }

  var text: String {
    switch self {
    case .overview: Self.overviewText
    case .enqueue: Self.enqueueText
    case .enqueueKind(let aim): Self.enqueueText(of: aim)
    case .status: Self.statusText
    case .list: Self.listText
    case .explain: Self.explainText
    case .plan: Self.planText
    case .forecast: Self.forecastText
    case .doctor: DoctorArguments.help
    case .metrics: Self.metricsText
    case .report: Self.reportText
    case .top: Self.topText
    case .retry: Self.retryText
    case .cancel: Self.cancelText
    case .resume: Self.resumeText
    case .prune: Self.pruneText
    case .saw: Self.sawText
    case .forget: Self.forgetText
    case .create: Self.createText
    case .demo: Self.demoText
    case .man: Self.manText
    case .completions: Self.completionsText
    }
  }
}
