import Picture

extension Page {
  /// Text has a contrast of 4.5:1 with its background, in both colour schemes.
  static let style: HTML = """
    \(BaseStyle.text)    .name, .faults, header code { overflow-wrap: anywhere; }
    header p { color: var(--soft); }
    header code { color: var(--ink); }
    nav { display: none; }
    .faults { color: var(--no); margin-top: .25rem; }

    .first { border-left: .25rem solid var(--yes); }
    .first pre, .messages pre { margin-top: .6rem; padding: .7rem .9rem; border-radius: .4rem;
      background: var(--ground); border: 1px solid var(--line); white-space: pre-wrap; user-select: all; }

    .messages table { margin: .3rem 0 .9rem; }
    .messages .pull, .messages .sees { overflow-wrap: anywhere; }

    .chart + .chart .plot { height: 3.5rem; }
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
    .sum { display: block; }
    .chart:first-child figcaption { display: flex; flex-wrap: wrap; gap: 0 2rem;
      justify-content: space-between; }
    .sum b { color: var(--ink); }
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
      .plot > .scale { width: 2.1rem; }
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
