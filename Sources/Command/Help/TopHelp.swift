extension HelpTopic {
  static let topText = """
    larkspur top: show the queue on the terminal, live

    usage: larkspur top [--account NAME]

    It shows whether all is well, each channel's calls against its budget, how many lanes are due
    and in flight, the latest calls, and those that were not delivered. It looks once a second, less
    often in a large queue, and follows the size of the terminal. Times are local. The key q ends it.

    The queue is only read, and no lock is held between two looks. NO_COLOR turns colours off.

    exit: 0 · 64 standard output is not a terminal · 66 there is no queue · 74 the queue cannot be \
    used
    """
}
