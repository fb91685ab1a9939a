// Package enroll registers people: self-service registration, in its one order
// of steps, whichever door the submission came through.
//
//	Submission ─► Prepare: policy, coerce, check, login free?          (no write)
//	                 │
//	                 ▼
//	              Attempt ─► Run: ┌ hook asked ┐  at the same time, outside
//	                              └ hash made  ┘  of any transaction
//	                                   │
//	                                   ▼
//	                         one transaction: policy and login once more,
//	                         user, groups, events, record of the call, and what
//	                         the caller adds (the state of its visit)
//
// A submission that breaks a rule never reaches the hook or the hash: neither a
// hook service nor the processor is an oracle for strangers. A hook that refuses
// cancels a hash that still waits.
package enroll
