import Basics
import Glibc
import Larkspur
import Planning

/// The file from which Prometheus's node exporter collects the metrics. The collector is another
/// user, so everybody may read it. It names accounts, but no lanes, users or secrets.
package struct MetricsFile: Equatable, Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// What to know about the path; nil if it is one that the collector reads.
  package var warning: String? {
    if path.hasSuffix(".prom") { return nil }
    return
      "metrics file \(path) does not end in .prom, so the node exporter's textfile collector does "
      + "not read it"
  }

  /// Why the file could not be written; nil if it was.
  package func write(_ figures: QueueFigures) -> String? {
    if let obstacle { return obstacle }
    let text = MetricsText.write(figures, version: larkspurVersion)
    return ReplacedFile.write(Array(text.utf8), to: path, mode: 0o644).map { systemMessage($0) }
  }

  private static let beginning = "# HELP larkspur_"

  /// A file of another kind is not replaced: a mistyped path may be that of the queue.
  private var obstacle: String? {
    var info = stat()
    guard stat(path, &info) == 0, info.st_size > 0 || info.st_mode & S_IFMT != S_IFREG else {
      return nil
    }
    if info.st_mode & S_IFMT != S_IFREG { return "it is not a regular file" }
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { return systemMessage() }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: Self.beginning.utf8.count)
    let count = read(file, &bytes, bytes.count)
    let isOurs = count == bytes.count && bytes.elementsEqual(Self.beginning.utf8)
    return isOurs ? nil : "it exists and does not contain Larkspur's metrics"
  }
}
