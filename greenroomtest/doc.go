// Package greenroomtest is a page without a browser, for tests of greenroom and of the programs that embed it.
//
//	Serve(room) ─► Server ─SignIn─► Person ─Open(path)─► Page ─Click, Write, Submit─► event ─► patches applied ─► Text, Has, WaitFor
//
// It is the real stack: a real listener, real HTTP, the real socket and its frames; only the DOM is package viewtest's. Every method fails the
// test with the page's text when it cannot do what it says.
package greenroomtest
