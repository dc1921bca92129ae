/// What the script needs to say which moment the pointer is at and what happened then. Without the script nothing is
/// missing but that.
enum Hovering {
  /// Counts by bar, without the bars and the last series that are zero: `0.3,0.0.2,,4`.
  static func bars(_ series: [BarPlot.Series], _ window: Window) -> HTML {
    let bars = (0..<window.bars).map { bar -> String in
      var counts = series.map { $0.counts[bar] }
      while counts.last == 0 { counts.removeLast() }
      return counts.map(String.init).joined(separator: ".")
    }
    let names = CallEnd.allCases.filter { $0 != .open }.map(\.title).joined(separator: ",")
    return """
       data-from="\(plain: window.from_ms)" data-step="\(plain: window.step_ms)" \
      data-names="\(names)" data-bars="\(bars.joined(separator: ","))"
      """
  }

  /// Only the moment.
  static func moments(_ window: Window) -> HTML {
    """
     data-from="\(plain: window.from_ms)" data-step="\(plain: window.span_ms)"
    """
  }

  /// When the local time differs from UTC by how many seconds: `0:28800 1774746000000:32400`.
  static func zone(_ zone: LocalZone) -> String {
    zone.parts.map { "\(max(0, $0.from_ms)):\($0.offset_s)" }.joined(separator: " ")
  }

  static let script = """
    (() => {
      const zone = document.body.dataset.zone.split(" ").map(p => p.split(":").map(Number));
      const tip = document.createElement("p");
      tip.className = "tip"; tip.hidden = true;
      document.body.append(tip);
      const local = ms => {
        let offset = zone[0][1];
        for (const [from, seconds] of zone) if (ms >= from) offset = seconds;
        return new Date(ms + offset * 1000).toISOString().slice(0, 19).replace("T", " ");
      };
      const text = (svg, part) => {
        const d = svg.dataset, from = Number(d.from), step = Number(d.step);
        if (!d.bars) return local(from + part * step);
        const bars = d.bars.split(","), names = d.names.split(",");
        const place = Math.min(bars.length - 1, Math.floor(part * bars.length));
        const counts = bars[place] === "" ? [] : bars[place].split(".");
        const said = counts.map((n, i) => n === "0" ? "" : n + " " + names[i]).filter(Boolean);
        return local(from + place * step) + ": " + (said.join(", ") || "nothing");
      };
      for (const svg of document.querySelectorAll("svg[data-from]")) {
        svg.addEventListener("pointermove", event => {
          const box = svg.getBoundingClientRect();
          const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
          tip.textContent = text(svg, part);
          tip.hidden = false;
          const left = event.clientX + 14, most = document.documentElement.clientWidth - tip.offsetWidth - 6;
          tip.style.left = Math.max(6, Math.min(left, most)) + "px";
          tip.style.top = event.clientY + 18 + "px";
        });
        svg.addEventListener("pointerleave", () => { tip.hidden = true; });
      }
    })();

    """
}
