// Package browser looks at the hosted pages as people do: in Chromium, with a
// mouse, with the keyboard alone, on a phone, in the dark, and without
// JavaScript.
//
//	Chromium ─► tab ─► usher dev ─► the hook service of the test
//	             │
//	             ├─ audit.js: names of fields, contrast, width
//	             └─ every request goes to usher, and no policy is broken
//
// What people see is compared by its words and its place. Pictures are taken for
// the documentation and never compared.
package browser
