extension DoctorArguments {
  package static let help = """
    larkspur doctor: check that everything is well, and say how to fix what is not

    usage: larkspur doctor [--online] [--account NAME] [--json] [--strict] [--report FILE]

      --online         also connect to Feishu: proxy, DNS, TLS, one access token and the scopes of
                       each account, and the clock. Nothing is refreshed. It takes at most 10 s for
                       each host
      --account NAME   look at the configuration of this account only
      --config FILE    the worker's configuration (or LARKSPUR_CONFIG; see: larkspur help work)
      --strict         exit with 1 if there are warnings
      --report FILE    also write a new file for a bug report: versions, findings, figures, the
                       last calls and what is pending. It holds no secrets, and instead of lanes and
                       open_ids it has codes that mean nothing outside the file
      --db PATH        the queue (or LARKSPUR_DB)
      --json           print each finding as a JSON object: area, code, grade, summary, fix
      --quiet          leave out the sentence at the end

    It looks at the queue, its worker, the clocks, the configuration and the limits of the machine.
    Each finding is fine, warn, wrong or unknown, which means that it cannot be checked here. The
    queue is not changed or migrated. It may be damaged, locked, of another version or of another
    user. Run this as the user who runs the worker, with the same environment, to have everything
    checked.

    examples:
      larkspur doctor
      larkspur doctor --online --json | jq 'select(.grade == "wrong")'
      larkspur doctor --report report.txt

    exit: 0 nothing is wrong · 1 with --strict: there are warnings · 69 Feishu cannot be reached ·
          73 the report cannot be created · 74 the queue is wrong · 75 no worker does its work ·
          77 credentials or permission · 78 the configuration is wrong
    """
}
