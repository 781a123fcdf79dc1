// Package desk measures the console at 100,000 living actors: how long its pages take to open, and what one who watches costs the processors.
//
//	Room ─► 200 pages of 500 widgets each, all with a socket ─► the operator's page (greenroomtest)
//
// What a message costs that nobody watches is BenchmarkAccount in actors/. The numbers hold the client's work too. Each opening leaves a page behind for
// 15 seconds, which draws itself once a second: -benchtime=5x opens few enough that they do not count.
package desk
