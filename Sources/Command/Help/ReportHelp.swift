extension HelpTopic {
  static let reportText = """
    larkspur report: write a page, or a trace, that shows how it went

    usage: larkspur report [--since SPAN] [--account NAME] [--out FILE] [--full]
           larkspur report --trace FILE [--since SPAN] [--account NAME] [--full]

      --since SPAN  how far to look back, for example 30m, 24h or 7d (default: 24h); a shorter
                    history is shown from its beginning
      --out FILE    where to write the page (default: larkspur-report.html); - for standard output
      --trace FILE  write a trace for https://ui.perfetto.dev instead: channels as processes, lanes
                    as threads, calls as slices
      --full        show tokens in full; without it they are shortened

    The page is one HTML file that loads nothing and needs no network: open it in a browser, print
    it, or send it to a colleague. It shows whether all is well, calls against the budget, lanes
    over time, how long asks waited, how full calls were, what is dead or was refused and why, the
    slowest calls with their log ids, and the busiest keys. Times are local.

    The file can be read by its owner only (mode 0600), and replaces an earlier report. The queue is
    only read; a worker may run meanwhile.

    examples:
      larkspur report && xdg-open larkspur-report.html
      larkspur report --since 7d --account shop --out week.html
      larkspur report --since 1h --trace hour.json

    exit: 0 · 66 there is no queue · 73 the file cannot be written · 74 the queue cannot be used
    """
}
