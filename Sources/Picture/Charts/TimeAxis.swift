/// Moments below a chart.
struct TimeAxis {
  let window: Window
  let zone: LocalZone

  /// The labels stand at their moments, so the picture is not stretched.
  var html: HTML {
    let labels = window.ticks(zone).map { tick -> HTML in
      let x = window.x(tick.ms, of: 1_000)
      let anchor = x < 50 ? "start" : x > 950 ? "end" : "middle"
      return """
        <text x="\(percent(x))" y="1em" text-anchor="\(anchor)">\(tick.text)</text>
        """
    }
    return #"<svg class="times" aria-hidden="true">\#(labels)</svg>"#
  }
}

/// Thousandths as markup takes them.
func percent(_ thousandths: Int) -> String { "\(thousandths / 10).\(thousandths % 10)%" }
