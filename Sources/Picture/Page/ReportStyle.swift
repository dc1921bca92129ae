/// The style of the report.
enum ReportStyle {
  /// How calls ended can be told apart without seeing red or green: the four differ in lightness.
  static let text: HTML = """
    \(BaseStyle.text)    :root { --delivered: #4a50c4; --limited: #e6a100; --refused: #b93a0b; --failed: #2b2e36;
      --band: #d4d8e0; --wait: #5a6270; --slot: #c9cbef; }
    @media (prefers-color-scheme: dark) {
      :root { --delivered: #7f88f5; --limited: #ffd35c; --refused: #e2571e; --failed: #f4f5f8;
        --band: #3a404d; --wait: #a0a8b8; --slot: #3b3f78; }
    }
    header p { color: var(--soft); }
    .name { overflow-wrap: anywhere; }
    bdi { unicode-bidi: isolate; }
    .why { overflow-wrap: anywhere; }
    .patterns { position: absolute; width: 0; height: 0; }
    .patterns path { stroke: var(--soft); stroke-width: 1; }
    .verdict { border-left: .3rem solid var(--yes); }
    .verdict h2 { font-size: 1.15rem; }
    .verdict.late { border-left-color: var(--limited); }
    .verdict.wrong { border-left-color: var(--no); }
    .totals { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem; padding: .9rem 1.1rem; }
    .totals { display: grid; gap: .7rem 1.5rem; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); }
    .totals div { flex-direction: column; justify-content: flex-start; }
    .totals dt { order: 2; } .totals dd { font-size: 1.35rem; order: 1; overflow-wrap: anywhere; }
    .totals dd.note { order: 3; margin: 0; font-size: .86rem; font-weight: normal; letter-spacing: 0; opacity: .85; }
    td.number { white-space: nowrap; }
    .legend { display: flex; flex-wrap: wrap; gap: .1rem 1rem; color: var(--soft); margin-bottom: .5rem; }
    i { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.05rem; }
    i.delivered { background: var(--delivered); } i.limited { background: var(--limited); }
    i.refused { background: var(--refused); } i.failed { background: var(--failed); }
    i.limit { height: 0; width: 1.1rem; border-top: 1.5px dashed var(--limit); vertical-align: .25rem; }
    i.paused, i.slot { background: var(--band); } i.slot { background: var(--slot); }
    i.nobody { background: repeating-linear-gradient(135deg, var(--soft) 0 1px, transparent 1px 4px);
      border: 1px solid var(--line); }
    i.wait { border: 1px solid var(--wait); } i.tick { width: .2rem; }
    svg .delivered { fill: var(--delivered); } svg .limited { fill: var(--limited); }
    svg .refused { fill: var(--refused); stroke: none; } svg .failed { fill: var(--failed); }
    svg .limit { fill: none; }
    .paused { fill: var(--band); } .nobody { fill: url(#hatch); opacity: .6; }
    .chart { margin-bottom: .9rem; } .chart:last-child { margin-bottom: 0; }
    .plot { height: 7.5rem; } .plot.ages { height: 13rem; }
    .plot > .scale { width: 3.4rem; }
    .times { display: block; height: 1.4rem; width: calc(100% - 3.4rem); margin-left: 3.4rem; overflow: visible; }
    .times text { font-size: .86rem; fill: var(--soft); }
    .heat1 { fill: var(--delivered); fill-opacity: .22; } .heat2 { fill: var(--delivered); fill-opacity: .4; }
    .heat3 { fill: var(--delivered); fill-opacity: .58; } .heat4 { fill: var(--delivered); fill-opacity: .76; }
    .heat5 { fill: var(--delivered); }
    .lanes th, .lanes td { padding-top: .1rem; padding-bottom: .1rem; vertical-align: middle; }
    .lanes td:last-child, .lanes th:last-child { width: 75%; }
    .strip svg { display: block; width: 100%; height: 1.1rem; }
    .lanes .times { width: 100%; margin-left: 0; }
    svg .wait { fill: none; stroke: var(--wait); stroke-width: 1; } svg .slot { fill: var(--slot); }
    svg .tick { fill: none; stroke-width: 1.5; } svg .tick.delivered { stroke: var(--delivered); }
    svg .tick.limited { stroke: var(--limited); } svg .tick.refused { stroke: var(--refused); stroke-width: 2; }
    svg .tick.failed { stroke: var(--failed); } svg .tick.open { stroke: var(--soft); stroke-dasharray: 2 2; }
    .kind { color: var(--soft); font-size: .86rem; }
    .pair { display: grid; gap: 1rem 2rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
    .meter { display: block; width: 100%; min-width: 5rem; height: .7rem; } .meter rect { fill: var(--delivered); }
    .wide { overflow-x: auto; }
    .tip { position: fixed; z-index: 1; max-width: 22rem; padding: .25rem .5rem; border-radius: .3rem;
      background: var(--ink); color: var(--ground); pointer-events: none; font-size: .86rem; }
    @media (max-width: 44rem) {
      body { padding: 1rem .6rem 2rem; } section, .totals { padding: .7rem; }
      .totals { gap: .7rem 1rem; grid-template-columns: repeat(2, minmax(0, 1fr)); }
      .totals dd { font-size: 1.15rem; }
      .pair { grid-template-columns: minmax(0, 1fr); }
      .plot > .scale { width: 2.8rem; } .times { width: calc(100% - 2.8rem); margin-left: 2.8rem; }
      .times text:nth-child(even) { display: none; }
      .lanes td:last-child, .lanes th:last-child { width: 50%; }
    }
    @media print {
      :root { color-scheme: light; --ground: #fff; --panel: #fff; --ink: #000; --soft: #444; --line: #bbb;
        --delivered: #4a50c4; --limited: #e6a100; --refused: #b93a0b; --failed: #2b2e36; --band: #d4d8e0;
        --limit: #000; --wait: #444; --slot: #c9cbef; }
      body { max-width: none; padding: 0; font-size: 11px; }
      section, figure, tr { break-inside: avoid; } .busiest, .staleness { break-inside: auto; }
      * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .tip { display: none; }
    }

    """
}
