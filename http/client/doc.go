// Package client is the browser runtime: plain ES modules and one style sheet, embedded as they are.
//
//	main ─► socket ─► protocol (words)          what comes in: patches, replies, toasts
//	  ├───► patch ─► order, html                parts found, diffs applied
//	  ├───► events ─► forms ─► keep             what goes out: events; edits that no patch may lose
//	  └───► status, dialog, keys, rows, layers, prefs, theme
//
// src/later holds what few pages need: modules that are imported when they are asked for or by the pages that need them (widgets.Page.Files), and style sheets that a page links itself. All files are
// served from one folder under their plain names, so a module in later imports './dom.js' as the others do. Every page loads at most 64 KiB (of the
// rest), and later holds at most 48 KiB: docs/decisions/0008.
//
// later/palette.js is the command palette and later/help.js the list of keys; keys.js asks for them. The palette's server side stands in the bar of every
// page, [data-gr-found] with what was found for its value; button[data-gr-palette] opens it. a[data-go] are reached by g and its letter.
//
// Nothing here runs in Go. The wire is docs/protocol.md; jsconfig.json and types.d.ts let tsc check the modules,
// test/ holds what Node runs, test/browser what a browser runs. A page loads main.js as a module; theme.js may also
// stand in the head as a plain script, so that the remembered theme is set before the first paint.
//
// What modules and pages agree on besides the protocol: html[data-live] is on or off; html[data-theme],
// [data-nav] are a person's choices; form[data-dirty] holds edits; a button that waits has data-busy and aria-disabled;
// a section that waits has aria-busy; the row in hand has data-cursor. The client owns these, a template sets none of them.
//
// body[data-gr-words] are the client's own texts in the page's language, as JSON by their English wording; package pages lists them (words.go).
//
// # Vocabulary
//
// Classes and the markup they are made for; `>` is child, `?` optional.
//
//	Shell     body > .gr-shell > nav.gr-nav + .gr-main > (header.gr-top + main.gr-content)
//	          .gr-nav: a.gr-brand, .gr-nav-title (group), a[aria-current=page] > svg? + text + .gr-count?
//	          .gr-top: button.gr-menu[data-gr-nav] (drawer), ol.gr-breadcrumbs > li > a, .gr-spacer, details.gr-tray,
//	          button[data-gr-theme] (cycles auto/light/dark), details.gr-dropdown > summary + .gr-popup (user menu)
//	Head      .gr-head > h1 > .gr-count? ; .gr-head-actions (right)
//	Slots     .gr-slots > section.gr-widget.gr-sm|gr-md|gr-lg > .gr-card > .gr-card-title (h2) …
//	Stat      .gr-card.gr-stat > .gr-stat-label .gr-stat-value .gr-stat-delta(.gr-pill) svg.gr-stat-spark > path.gr-area? + path.gr-line
//	          Lists of facts  dl.gr-meta > dt + dd
//	Chart     (later/charts.css) figure.gr-plot > ul.gr-plot-legend > li.gr-c1…gr-c4 ; .gr-plot-box > ul.gr-plot-y + svg + ol.gr-plot-x ;
//	          in the svg: .gr-plot-grid .gr-plot-zero, g.gr-c1…gr-c4 > .gr-plot-area .gr-plot-line .gr-plot-dot rect, .gr-plot-spot (title) ; .gr-plot-data (figures)
//	List      .gr-toolbar > .gr-search > input[type=search] ; details.gr-filter > summary + .gr-popup ; .gr-chip (> button ×) ; .gr-spacer ;
//	          .gr-bulk > .gr-bulk-count + buttons (stands in for the toolbar; sticks to the bottom on phones)
//	          .gr-table-wrap(.gr-wide = scrolls sideways) > table.gr-table(data-select) > thead th(aria-sort) > .gr-sort,
//	          tbody tr[data-key] > td.gr-check > input.gr-check, td[data-label] ; column classes on th and td: .gr-num .gr-muted .gr-mono ;
//	          widths on th: .gr-w-s 88 .gr-w-m 140 .gr-w-l 180 ; a.gr-open in the first text cell ; tr.gr-flash (row tint, 1.2 s; with .gr-again once more) ;
//	          .gr-waiting > button (new rows; floats below the top bar) ; .gr-live (how fresh; shown while the socket lives)
//	          .gr-pager > button|a + .gr-pager-text ; .gr-skeleton (placeholder line)
//	          .gr-empty > svg? h2? p .gr-button ; .gr-error-card > h2 p code(ID) .gr-button
//	Form      .gr-form > (form.gr-form-main[data-guard] + aside.gr-rail) ; fieldset.gr-fieldset > legend ; .gr-field > label|.gr-label + input|select|textarea +
//	          .gr-help + .gr-error[id] ; .gr-field.gr-inline (checkbox before label) ; .gr-error-summary > ul > li > a ;
//	          .gr-actions (sticky footer; .gr-spacer pushes right) ; .gr-required on label ; .gr-readonly ; .gr-unsaved (anywhere; shown while a form is data-dirty)
//	Rows      (form.css) section.gr-lines > .gr-lines-head + .gr-table-wrap > table.gr-table > tr(.gr-lines-new .gr-lines-off .gr-lines-kept) > td > .gr-field … +
//	          td.gr-lines-end > label.gr-lines-drop ; .gr-field.gr-links > ul.gr-chips > li(.gr-chip-new .gr-chip-off) > .gr-chip > label.gr-chip-box ;
//	          .gr-files > .gr-file > form ; nav.gr-related > ul
//	Buttons   .gr-button (.gr-primary .gr-danger .gr-ghost .gr-small .gr-icon)       Pills .gr-pill (.gr-ok .gr-warn .gr-danger .gr-info .gr-mute)
//	Job       .gr-progress > h1 progress[value max] .gr-progress-text .gr-log > li|div(.gr-warn .gr-error > time) .gr-actions ; .gr-tray > summary + .gr-popup > .gr-tray-item
//	Pages     main.gr-login > form.gr-card ; .gr-delete > .gr-card ; .gr-history > li > (.gr-muted + .gr-diff > del + ins)
//	Floating  dialog.gr-dialog > h2 p .gr-actions (served with open data-modal: made modal) ; .gr-toast (.gr-ok .gr-warn .gr-error) ; .gr-banner (.gr-info .gr-warn .gr-danger) — by the client: toasts, .gr-offline
//	Help      .gr-sr (screen readers only) ; .gr-hide-phone ; kbd ; aria-keyshortcuts="n" on a control makes the key n press it
package client
