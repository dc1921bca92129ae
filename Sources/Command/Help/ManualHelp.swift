extension HelpTopic {
  static let manText = """
    larkspur man: print the manual page of a command

    usage: larkspur man [COMMAND]
           larkspur man --all DIR

      COMMAND    a command, as in 'larkspur help'; without it, the page is that of larkspur
      --all DIR  write all pages into this folder: larkspur.1, larkspur-enqueue.1 and so on

    The pages are mdoc(7), for mandoc and groff. They say what the help says; those of work, ticket
    and sandbox come from larkspur-work and larkspur-sandbox. The same version always writes the
    same pages.

    examples:
      larkspur man work | man -l -
      larkspur man --all /usr/local/share/man/man1

    exit: 0 · 73 a page cannot be written · 78 larkspur-work or larkspur-sandbox is missing
    """

  static let completionsText = """
    larkspur completions: print a completion script for a shell

    usage: larkspur completions SHELL

      SHELL  bash, zsh or fish

    The script completes commands, options and their values, and names in the queue: pending lanes
    (for 'larkspur retry', dead ones), keys, URLs and accounts. It asks larkspur itself for the
    names, which reads at most 200 of them from the queue of --db or LARKSPUR_DB and never creates
    one. If larkspur-work or larkspur-sandbox is missing, the options of the commands that need it
    are left out.

    examples:
      larkspur completions bash > ~/.local/share/bash-completion/completions/larkspur
      larkspur completions zsh > "${fpath[1]}/_larkspur"
      larkspur completions fish > ~/.config/fish/completions/larkspur.fish

    exit: 0
    """
}
