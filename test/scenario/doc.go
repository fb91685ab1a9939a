// Package scenario holds what usher promises as a text, and holds every way to
// run usher to it: the quick one and the configured one, on both databases.
//
//	testdata/signup.txtar ──► parse ──► cases ─┬─► usher dev,   SQLite
//	     what is sent,                         ├─► usher dev,   PostgreSQL
//	     what must come back,                  ├─► usher serve, SQLite
//	     how often the hook is asked,          └─► usher serve, PostgreSQL
//	     which events are written                       │
//	                                             sweep ◄┘  is a secret anywhere
//	                                                       where it must not be?
//
// A scenario is a txtar archive of a configuration file (usher.yaml) and of
// cases. A line is a verb and the rest; $names are replaced. Before the first
// case:
//
//	let NAME TEXT        a name for a text
//	secret NAME TEXT     the same for a password or a key: it must be found nowhere
//	sensitive NAME TEXT  the same for a sensitive value: only its user may have it
//	form NAME            fields of a form, each a line "= FIELD TEXT"
//
// A case begins with "== what it shows", in a browser without cookies and with a
// hook service that allows. What it does:
//
//	hook ANSWER          what the service says next; lines in a row are a queue
//	                     whose last stays. "STATUS BODY", "slow DURATION STATUS
//	                     BODY", "huge STATUS BODY", "hang", or "hangup"
//	get PATH             the browser asks for a page
//	post PATH [FORM]     it sends a form, with further fields "= FIELD TEXT"
//	twice PATH [FORM]    it sends the form two times at once
//	foreign PATH [FORM]  another site makes the browser send the form
//	api METHOD PATH      a client with a token asks, with a body of lines "| TEXT"
//	stranger METHOD PATH the same without a token
//	another browser      somebody else from here on
//
// What must come of the last request (of both, after twice):
//
//	status CODE [WHERE]  with the address that a redirect leads to
//	at FIELD TEXT        a message at the field of a form
//	above TEXT           a message above the form
//	has TEXT, lacks TEXT in the answer's body
//	fields NAME …        the controls of a form, in their order
//	header NAME TEXT     of the answer; behind … the end of it
//	keep NAME PATH       a name for a text of a JSON body, as in _links.self.href
//
// And of everything since the last such line of the case:
//
//	calls N              how often the hook was asked
//	sent TEXT, unsent TEXT  what the last request to it has, and has not
//	told TEXT            what the System Log tells of the last event of a hook
//	events TYPE=N …      all that the System Log tells, or none
package scenario
