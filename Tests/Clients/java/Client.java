import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What test_clients.py has every language do. The commands are described there. */
final class Client {
  private static final String EVERYONE = "{\"everyone\":true}";

  /** Both or neither: no ticket changes without a refresh of its previews. */
  static long change(LarkspurQueue queue, String ticket, String title, String body)
      throws SQLException {
    String query =
        "INSERT INTO app_ticket (id, title) VALUES (?, ?)"
            + " ON CONFLICT (id) DO UPDATE SET title = excluded.title";
    return queue.transaction(
        () -> {
          try (PreparedStatement write = queue.db.prepareStatement(query)) {
            write.setString(1, ticket);
            write.setString(2, title);
            write.executeUpdate();
          }
          return queue.ask("key", "ticket-" + ticket, body);
        });
  }

  /**
   * In the callback's handler. Feishu waits 3 s for the answer: a missed sighting comes with the
   * user's next look, a missed answer never does.
   */
  static String record(String path, String token, String key) {
    try (LarkspurQueue queue = new LarkspurQueue(path, Duration.ofMillis(200))) {
      queue.saw(token, key, null);
      return "recorded";
    } catch (SQLException error) {
      return "not recorded: " + error.getMessage();
    }
  }

  private static int crowd(LarkspurQueue queue, String name, int count)
      throws SQLException, InterruptedException {
    List<Long> numbers = new ArrayList<>();
    for (int each = 0; each < count; each++) {
      numbers.add(queue.ask("preview", name + "-" + each, EVERYONE));
    }
    int delivered = 0;
    for (long number : numbers) {
      if (queue.await(number, Duration.ofMinutes(1)).equals("delivered")) {
        delivered++;
      }
    }
    return delivered;
  }

  private static int setting(LarkspurQueue queue, String name) throws SQLException {
    try (Statement look = queue.db.createStatement();
        ResultSet row = look.executeQuery("PRAGMA " + name)) {
      return row.getInt(1);
    }
  }

  private static Object run(String[] words) throws SQLException, InterruptedException {
    String path = words[1];
    if (words[0].equals("saw")) {
      long begun = System.nanoTime();
      String answer = record(path, words[2], words[3]);
      return (System.nanoTime() - begun) / 1_000_000 + " ms, " + answer;
    }
    try (LarkspurQueue queue = new LarkspurQueue(path, Duration.ofSeconds(10))) {
      switch (words[0]) {
        case "settings":
          return setting(queue, "synchronous") + " " + setting(queue, "busy_timeout");
        case "ask":
          return queue.ask(words[2], words[3], words[4]);
        case "change":
          return change(queue, words[2], words[3], words[4]);
        case "wait":
          long ms = (long) (Double.parseDouble(words[3]) * 1000);
          return queue.await(Long.parseLong(words[2]), Duration.ofMillis(ms));
        case "crowd":
          return crowd(queue, words[2], Integer.parseInt(words[3]));
        default:
          throw new IllegalArgumentException("unknown command " + words[0]);
      }
    }
  }

  public static void main(String[] words) throws InterruptedException {
    try {
      System.out.println(run(words));
    } catch (SQLException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
  }
}
