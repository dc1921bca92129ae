import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/** One connection to the queue. Threads do not share it: each opens its own. */
final class LarkspurQueue implements AutoCloseable {
  final Connection db;

  /** Opens the queue. A missing file is an error, and none is created. */
  LarkspurQueue(String path, Duration wait) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.resetOpenMode(SQLiteOpenMode.CREATE);
    config.setBusyTimeout((int) wait.toMillis());
    config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
    db = config.createConnection("jdbc:sqlite:" + path);
  }

  interface Work<Result> {
    Result run() throws SQLException;
  }

  /** Does all of the work or none of it. */
  <Result> Result transaction(Work<Result> work) throws SQLException {
    try (Statement step = db.createStatement()) {
      step.execute("BEGIN IMMEDIATE");
      try {
        Result result = work.run();
        step.execute("COMMIT");
        return result;
      } catch (SQLException | RuntimeException error) {
        try {
          step.execute("ROLLBACK");
        } catch (SQLException second) {
          // Some errors, such as a full disk, have already rolled it back.
          error.addSuppressed(second);
        }
        throw error;
      }
    }
  }

  /** Returns the number of the new ask. */
  long ask(String kind, String lane, String body) throws SQLException {
    String query = "INSERT INTO ask (kind, lane, body) VALUES (?, ?, ?)";
    try (PreparedStatement insert = db.prepareStatement(query)) {
      insert.setString(1, kind);
      insert.setString(2, lane);
      insert.setString(3, body);
      insert.executeUpdate();
      try (ResultSet keys = insert.getGeneratedKeys()) {
        keys.next();
        return keys.getLong(1);
      }
    }
  }

  void saw(String token, String key, String openId) throws SQLException {
    String query = "INSERT INTO sighting (token, key, open_id) VALUES (?, ?, ?)";
    try (PreparedStatement insert = db.prepareStatement(query)) {
      insert.setString(1, token);
      insert.setString(2, key);
      insert.setString(3, openId);
      insert.executeUpdate();
    }
  }

  /** How the ask ended: delivered, dead, expired, cancelled or gone, or open if it has not. */
  String await(long number, Duration atMost) throws SQLException, InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    for (long pause = 20; ; pause = Math.min(2 * pause, 1000)) {
      String outcome = outcome(number);
      if (!outcome.equals("open") || System.nanoTime() - end >= 0) {
        return outcome;
      }
      Thread.sleep(pause);
    }
  }

  private String outcome(long number) throws SQLException {
    try (PreparedStatement look = db.prepareStatement("SELECT outcome FROM ask WHERE id = ?")) {
      look.setLong(1, number);
      try (ResultSet row = look.executeQuery()) {
        if (!row.next()) {
          return "gone";
        }
        String outcome = row.getString(1);
        return outcome == null ? "open" : outcome;
      }
    }
  }

  @Override
  public void close() throws SQLException {
    db.close();
  }
}
