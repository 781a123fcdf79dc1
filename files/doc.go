// Package files keeps what people upload in a directory of this machine.
//
//	Put ─► .part file, synced ─► renamed to ab/abcdef…   Open, Drop by ID
//
// A file's name on the disk is its ID, made here of 128 random bits, so that nothing that a person typed is ever part of a path; the directory is opened
// once as an os.Root, which nothing leads out of. Nothing runs beside the calls.
package files
