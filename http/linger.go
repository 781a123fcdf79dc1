package http

import (
	"bufio"
	"io"
	"time"

	"github.com/valyala/fasthttp"
)

// What a browser may still send of a request that was answered, and how long that may take.
const (
	lingerBytes  = 256 << 20
	lingerWithin = 10 * time.Second
)

// parting sends the answer to a request whose body was not read, and reads what the browser still sends, so that the answer arrives: a connection that
// is closed over unread bytes is reset, and a browser that is sending then shows its own error in place of ours. fasthttp's later attempts to write fail,
// which it does not mind.
func parting(ctx *fasthttp.RequestCtx) {
	conn := ctx.Conn()
	half, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return
	}
	ctx.SetConnectionClose()
	_ = conn.SetDeadline(time.Now().Add(lingerWithin))
	w := bufio.NewWriter(conn)
	if ctx.Response.Write(w) != nil || w.Flush() != nil || half.CloseWrite() != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, lingerBytes))
}
