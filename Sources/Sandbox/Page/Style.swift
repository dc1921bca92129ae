extension Page {
  /// Text has a contrast of 4.5:1 with its background, in both colour schemes.
  static let style: HTML = """
    :root { color-scheme: light dark; --ground: #fbfbfd; --panel: #fff; --ink: #1c1f26;
      --soft: #5a6270; --line: #e2e5ec; --yes: #4a50c4; --no: #b93a0b; --no-tint: #fbe3d8;
      --limit: #1c1f26; }
    @media (prefers-color-scheme: dark) {
      :root { --ground: #12141a; --panel: #191c24; --ink: #e8eaf0; --soft: #a0a8b8;
        --line: #2c313d; --yes: #9aa1ff; --no: #ff9c6b; --no-tint: #4a2817; --limit: #e8eaf0; }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
    body { margin: 0 auto; max-width: 92rem; padding: 1.25rem 1.5rem 3rem; background: var(--ground);
      color: var(--ink); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans",
      sans-serif; font-variant-numeric: tabular-nums; }
    h1, h2, h3, p, dl, dd, figure, pre { margin: 0; }
    h1 { font-size: 1.4rem; letter-spacing: -.01em; }
    h2 { font-size: 1rem; margin-bottom: .5rem; }
    h3 { font-size: .93rem; display: inline; }
    a { color: var(--yes); }
    code, pre, .name, .code { font-family: ui-monospace, "SF Mono", Menlo, Consolas,
      "Liberation Mono", monospace; font-size: .93em; }
    .name, .faults, header code { overflow-wrap: anywhere; }
    header p { color: var(--soft); }
    header code { color: var(--ink); }
    nav { display: none; }
    .faults { color: var(--no); margin-top: .25rem; }
    main { display: grid; gap: 1rem; margin-top: 1rem; grid-template-columns: minmax(0, 1fr); }
    section { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem;
      padding: .9rem 1.1rem 1rem; min-width: 0; }
    .none, .note { color: var(--soft); }
    .note { margin-top: .6rem; }

    .first { border-left: .25rem solid var(--yes); }
    .first pre, .messages pre { margin-top: .6rem; padding: .7rem .9rem; border-radius: .4rem;
      background: var(--ground); border: 1px solid var(--line); white-space: pre-wrap; user-select: all; }

    .totals { display: flex; flex-wrap: wrap; gap: .25rem 2.5rem; }
    .totals div { display: flex; flex-direction: column-reverse; }
    .totals dt { color: var(--soft); }
    .totals dd { font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -.02em; }

    .messages table { margin: .3rem 0 .9rem; }
    .messages .pull, .messages .sees { overflow-wrap: anywhere; }

    .rate { position: relative; }
    .legend { position: absolute; top: .9rem; right: 1.1rem; color: var(--soft); }
    .legend i { display: inline-block; width: .7rem; height: .7rem; margin: 0 .35rem 0 .9rem; }
    .legend .accepted { background: var(--yes); }
    .legend .refused { background: var(--no-tint); border: 1.5px solid var(--no); }
    .legend .limit { height: 0; width: 1.1rem; border-top: 1.5px dashed var(--limit);
      vertical-align: .25rem; }
    .charts { display: grid; gap: .9rem 2rem;
      grid-template-columns: repeat(2, minmax(0, 1fr)); }
    .chart:first-child { grid-column: 1 / -1; }
    .rule { margin-left: .25rem; }
    .rule, .sum { color: var(--soft); }
    .sum { display: block; }
    .chart { display: flex; flex-direction: column; }
    figcaption { margin-bottom: auto; padding-bottom: .35rem; }
    .chart:first-child figcaption { display: flex; flex-wrap: wrap; gap: 0 2rem;
      justify-content: space-between; }
    .sum b { color: var(--ink); }
    .plot { display: flex; height: 6.5rem; }
    .chart + .chart .plot { height: 3.5rem; }
    .plot svg { flex: 1; min-width: 0; height: 100%; display: block;
      border-bottom: 1px solid var(--soft); }
    .scale { position: relative; width: 2.6rem; flex: none; }
    .scale span { position: absolute; right: .5rem; transform: translateY(50%); font-size: .86rem;
      color: var(--soft); line-height: 1; }
    svg path { vector-effect: non-scaling-stroke; }
    svg .accepted { fill: var(--yes); }
    svg .refused { fill: var(--no-tint); stroke: var(--no); stroke-width: 1.25; }
    svg .limit { stroke: var(--limit); stroke-width: 1.25; stroke-dasharray: 5 4; opacity: .75; }
    .axis { display: flex; justify-content: space-between; padding: .2rem 0 0 2.6rem;
      color: var(--soft); font-size: .86rem; }

    table { width: 100%; border-collapse: collapse; }
    th, td { text-align: left; font-weight: normal; padding: .22rem .9rem .22rem 0;
      vertical-align: baseline; border-top: 1px solid var(--line); }
    th:last-child, td:last-child { padding-right: 0; }
    thead th { white-space: nowrap; border-top: 0; color: var(--soft); font-size: .86rem; padding-top: 0; }
    .number { text-align: right; }
    .for { white-space: nowrap; }
    .when, .took, .calls .api, .calls .code { white-space: nowrap; color: var(--soft); }
    .refusals .code { white-space: nowrap; }
    .refusals code { color: var(--soft); }
    .kind { color: var(--soft); border: 1px solid var(--line); border-radius: .3rem;
      padding: 0 .3rem; font-size: .86rem; }
    .yes, .no, .meh { white-space: nowrap; }
    .yes { color: var(--yes); } .no { color: var(--no); } .meh, .for { color: var(--soft); }
    .fault { border: 1px solid var(--no); color: var(--no); border-radius: .3rem; padding: 0 .3rem;
      font-size: .86rem; white-space: nowrap; }
    .name { unicode-bidi: isolate; }
    .quiet .asked, .quiet .verdict span { color: var(--soft); }

    @media (min-width: 66rem) {
      main { grid-template-columns: minmax(0, 13fr) minmax(0, 8fr); align-items: start;
        grid-auto-flow: dense; }
      .first, .totals, .messages { grid-column: 1 / -1; }
      .rate, .calls { grid-column: 1; }
      .refusals, .lanes { grid-column: 2; }
      .rate, .refusals { align-self: stretch; }
    }
    @media (max-width: 44rem) {
      body { padding: 1rem .75rem 2rem; }
      section { padding: .75rem .8rem; }
      nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin-top: .5rem; }
      nav a { padding: .25rem 0; }
      .totals { gap: .5rem 1.75rem; }
      .totals dd { font-size: 1.4rem; }
      .charts { grid-template-columns: minmax(0, 1fr); }
      .legend { position: static; margin-bottom: .5rem; }
      .legend i:first-child { margin-left: 0; }
      .rule { display: block; margin-left: 0; }
      .scale { width: 2.1rem; }
      .axis { padding-left: 2.1rem; }
      th, td { padding-right: .6rem; }
      .lanes thead, .calls thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px;
        overflow: hidden; }
      .lanes table, .lanes tbody, .calls table, .calls tbody { display: block; }
      .lanes tbody tr, .calls tr { display: flex; flex-wrap: wrap; gap: 0 .75rem; padding: .45rem 0;
        border-top: 1px solid var(--line); }
      .lanes th, .lanes td, .calls td { border: 0; padding: 0; }
      .lanes .number::after { content: " ×"; }
      .lanes th, .calls .asked { order: -1; flex: 1 0 100%; }
      .calls .verdict { order: -1; }
    }

    """
}
