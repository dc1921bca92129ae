/// The style that the report and the sandbox's page share.
package enum BaseStyle {
  /// Text has a contrast of 4.5:1 with its background, in both colour schemes.
  package static let text: HTML = """
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
    main { display: grid; gap: 1rem; margin-top: 1rem; grid-template-columns: minmax(0, 1fr); }
    section { background: var(--panel); border: 1px solid var(--line); border-radius: .6rem;
      padding: .9rem 1.1rem 1rem; min-width: 0; }
    .none, .note { color: var(--soft); }
    .note { margin-top: .6rem; }

    .totals { display: flex; flex-wrap: wrap; gap: .25rem 2.5rem; }
    .totals div { display: flex; flex-direction: column-reverse; }
    .totals dt { color: var(--soft); }
    .totals dd { font-size: 1.75rem; line-height: 1.2; font-weight: 600; letter-spacing: -.02em; }

    .rule, .sum { color: var(--soft); }
    .chart { display: flex; flex-direction: column; }
    figcaption { margin-bottom: auto; padding-bottom: .35rem; }
    .plot { display: flex; height: 6.5rem; }
    .plot > svg { flex: 1; min-width: 0; height: 100%; display: block;
      border-bottom: 1px solid var(--soft); }
    .plot > .scale { flex: none; width: 2.6rem; border: 0; overflow: visible; }
    .scale text { text-anchor: end; transform: translate(-.5rem, .3em); font-size: .86rem;
      fill: var(--soft); }
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

    """
}
