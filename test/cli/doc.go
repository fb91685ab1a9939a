// Package cli proves the commands of usher, and that what README says to type
// can be typed. The scripts in testdata are also read by people: each shows one
// command, its output and its exit code.
//
//	testdata/*.txtar ──► testscript ──► usher
//	README.md        ──► its console blocks, line by line ──► usher
//
// Beside the commands of testscript, scripts have:
//
//	example             starts the example hook service; $HOOK is its URL
//	service STATUS BODY starts a hook service that always answers so; $HOOK
//	until-ready COMMAND runs until the first line of output, then interrupts,
//	                    and wants exit code 0
package cli
