extension HelpTopic {
  static let metricsText = """
    larkspur metrics: show the queue's metrics for Prometheus

    usage: larkspur metrics [--file PATH]

      --file PATH  write them to this file, which is replaced as a whole and readable for everybody

    Prints lanes by state, asks and calls by outcome, refreshes, how long asks waited, parked
    accounts, the month's calls and the quota, and when a worker last looked, in Prometheus's text
    format. Give the node exporter's textfile collector a file that ends in .prom.

    Counters never fall, whatever is pruned or deleted. The worker brings them up to date every 15 s
    and at its end. 'larkspur work --metrics PATH' writes the same file. A queue with more than 200
    accounts shows sums, without the label account.

    The queue is only read; another user needs no permission to write it.

    examples:
      larkspur metrics | grep larkspur_lanes
      * * * * *  larkspur metrics --file /var/lib/prometheus/node-exporter/larkspur.prom  # cron

    exit: 0 · 66 there is no queue · 73 the file cannot be written · 74 the queue cannot be used
    """
}
