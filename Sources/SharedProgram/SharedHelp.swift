/// What `larkspur-shared --help` prints. People use `larkspur`.
enum SharedHelp {
  static let text = """
    larkspur-shared: carry out commands of larkspur on a shared queue

    usage: larkspur COMMAND --db postgresql://[USER@]HOST/DATABASE [options]

    larkspur runs this program if the place of the queue (--db or LARKSPUR_DB) is an address of
    PostgreSQL. It alone needs libpq. The commands are those of larkspur; for a command that has no
    form for a shared queue, it says so.

    A password belongs into ~/.pgpass, a service file or PGPASSWORD; an address with one is refused.

    examples:
      larkspur init postgresql://owner@db.example/larkspur
      larkspur enqueue preview TOKEN --everyone --db postgresql://backend@db.example/larkspur
      larkspur work --db postgresql://worker@db.example/larkspur --config config.json
    """
}
