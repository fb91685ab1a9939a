// Package password takes a typed password from the form to the text that the
// store keeps, and back to a yes or no at sign-in.
//
//	form ─▶ Secret ─▶ Check ─▶ Hash ──┐
//	                                  ├─▶ queue ─▶ slot ─▶ argon2id or bcrypt ─▶ Hash, yes/no
//	sign-in ─▶ Secret ─▶ Verify ──────┤   FIFO, ≤ 64 × slots,
//	nobody by that name ─▶ VerifyDummy┘   ≤ 2 s, else ErrBusy
//
// A hash is made slow on purpose: one costs tens of milliseconds of a core and,
// for argon2id, 19 MiB. So a [Hasher] runs only a few at a time and lets the rest
// wait in a short queue; a server that is asked for more than it can hash
// says so at once instead of falling over. Waiting ends with the caller's context,
// so a sign-up that its hook has denied never costs a hash.
//
// [Secret] and [Hash] show themselves as [redacted] wherever they are printed,
// logged or encoded. Only Secret.Reveal and Hash.Encoded give the text.
//
// People who come from elsewhere bring hashes of other kinds ([ParseImport]). The
// first good sign-in replaces them by one of today's, since most are far too fast.
//
// Stored hashes are read strictly and within bounds, since their parameters decide
// how much memory and time a sign-in takes.
package password
